# Reads circles, one "x y r" a line; prints the sum of the radii after shrinking what overlaps.
import json
import sys


def main():
    try:
        circles = [tuple(map(float, line.split())) for line in sys.stdin if line.strip()]
    except ValueError as error:
        return {"message": "no circle: %s" % error}
    if len(circles) != 26 or any(len(c) != 3 for c in circles):
        return {"message": "%d lines of three numbers are needed, these are %d" % (26, len(circles))}
    xs = [c[0] for c in circles]
    ys = [c[1] for c in circles]
    if not all(0 < v < 1 for v in xs + ys):
        return {"message": "a centre lies outside of the square"}
    rs = [max(0.0, min(r, x, 1 - x, y, 1 - y)) for (x, y, r) in circles]
    for i in range(26):
        for j in range(i):
            d = ((xs[i] - xs[j]) ** 2 + (ys[i] - ys[j]) ** 2) ** 0.5
            over = rs[i] + rs[j] - d
            if over > 0:
                share = over + 1e-12
                take = min(rs[i], share / 2)
                rs[i] -= take
                rs[j] = max(0.0, rs[j] - (share - take))
    return {"score": sum(rs)}


print(json.dumps(main()))
