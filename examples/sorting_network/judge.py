# Reads networks, one JSON string a line, in it one comparator "i j" a line; prints how good each one is: its size if it sorts all
# inputs of zeros and ones (then it sorts anything, Knuth's zero-one principle), else 1000 and the number of inputs it leaves unsorted.
import json
import sys

n = int(sys.argv[1])
# Bit x of wires[i] is bit i of x: all 2^n inputs go through the network at once.
wires = [sum(1 << x for x in range(1 << n) if x >> i & 1) for i in range(n)]


def judge(text):
    comparators = []
    for line in text.split("\n"):
        words = line.split()
        if not words:
            continue
        if len(words) != 2 or not all(w.isdecimal() and int(w) < n for w in words) or words[0] == words[1]:
            return {"message": "no comparator of two wires from 0 to %d: %s" % (n - 1, line)}
        comparators.append(sorted(map(int, words)))
    w = list(wires)
    for i, j in comparators:
        w[i], w[j] = w[i] & w[j], w[i] | w[j]
    unsorted = 0
    for i in range(n - 1):
        unsorted |= w[i] & ~w[i + 1]
    wrong = bin(unsorted).count("1")
    if wrong:
        return {"score": 1000 + wrong, "message": "%d of %d inputs are left unsorted" % (wrong, 1 << n)}
    return {"score": len(comparators)}


for candidate in sys.stdin:
    print(json.dumps(judge(json.loads(candidate))))
