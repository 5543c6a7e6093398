// Python 3, standard library only.
#include "base/result.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/facts.h"
#include "solve/lang/names.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

namespace {

// The operations as functions. What is none is None; an operation with None among its arguments gives None unless it asks.
// Numbers are (digits, places): exact, and as they were written.
constexpr Definition kLibrary[] = {
    {"strict", "", R"~(def strict(f):
    return lambda *a: None if any(x is None for x in a) else f(*a)
)~"},
    {"kinds", "", R"~(L = "a-z\u0080-\U0010ffff"
KINDS = {"digits": "[0-9]+", "number": r"[0-9]+(?:,[0-9]{3}(?![0-9]))*(?:\.[0-9]+)?", "letters": "[A-Z" + L + "]+", "upper": "[A-Z]+",
         "lower": "[" + L + "]+", "capitalised": "[A-Z][" + L + "]+", "word": "[0-9A-Z" + L + "]+", "space": "[ \\t-\\r]+",
         "nonspace": "[^ \\t-\\r]+", "marks": "[^0-9A-Z" + L + " \\t-\\r]+",
         "hump": "[A-Z]?[" + L + "]+|[A-Z]+(?![" + L + "])|[0-9]+"}


def spans(t, kind):
    return [m.span() for m in re.finditer(KINDS[kind], t)]


def kth(found, k):
    i = k - 1 if k > 0 else len(found) + k
    return found[i] if 0 <= i < len(found) else None


def occurrences(t, what):
    return [m.span() for m in re.finditer(re.escape(what), t)]
)~"},
    {"whole", "", R"~(def whole(n):
    n = n if isinstance(n, tuple) or n is None else (n, 0)
    return None if n is None or n[1] or abs(n[0]) > 1000000 else n[0]
)~"},
    {"concat", "", "concat = strict(lambda *a: \"\".join(a))\n"},
    {"slice", "", "slice_ = strict(lambda t, p, q: t[p:q] if 0 <= p <= q <= len(t) else None)\n"},
    {"at", "",
     "at = strict(lambda t, k: (k if k <= len(t) else None) if k >= 0 else (len(t) + 1 + k if len(t) + 1 + k >= 0 else "
     "None))\n"},
    {"skip", "", "skip = strict(lambda t, p, n: p + n if 0 <= p + n <= len(t) else None)\n"},
    {"find", "kinds", "find = strict(lambda t, what, k, side: (kth(occurrences(t, what), k) or (None, None))[side])\n"},
    {"token", "kinds", "token = strict(lambda t, kind, k, side: (kth(spans(t, kind), k) or (None, None))[side])\n"},
    {"between", "kinds", R"~(@strict
def between(t, left, right, k):
    begins = {a for a, _ in spans(t, right)}
    return kth([b for _, b in spans(t, left) if b in begins], k)

)~"},
    {"match", "kinds", R"~(@strict
def match(t, kind, k):
    s = kth(spans(t, kind), k)
    return None if s is None else t[s[0]:s[1]]

)~"},
    {"field", "kinds", "field = strict(lambda t, separator, k: kth(t.split(separator), k))\n"},
    {"cases", "", R"~(def recase(t, upper):
    return "".join((c.upper() if upper else c.lower()) if c.isascii() or "\u00c0" <= c <= "\u00fe" and c not in "\u00d7\u00df\u00f7" else c for c in t)
)~"},
    {"lower", "cases", "lower = strict(lambda t: recase(t, False))\n"},
    {"upper", "cases", "upper = strict(lambda t: recase(t, True))\n"},
    {"title", "cases", R"~(@strict
def title(t):
    out, inside = "", False
    for c in recase(t, False):
        c = c if inside else recase(c, True)
        out += c
        inside = c.isascii() and c.isalpha() or c >= "\u0080" or inside and c == "'" or c.isascii() and c.isdigit()
    return out

)~"},
    {"capital", "cases", "capital = strict(lambda t: recase(t[:1], True) + recase(t[1:], False))\n"},
    {"trim", "", "trim = strict(lambda t: t.strip(\" \\t\\n\\v\\f\\r\"))\n"},
    {"squeeze", "", "squeeze = strict(lambda t: \" \".join(re.findall(\"[^ \\\\t-\\\\r]+\", t)))\n"},
    {"keep", "kinds", "keep = strict(lambda t, kind: \"\".join(t[a:b] for a, b in spans(t, kind)))\n"},
    {"replace", "", "replace = strict(lambda t, a, b: t.replace(a, b))\n"},
    {"initials", "kinds", "initials = strict(lambda t, kind, glue: glue.join(t[a] for a, _ in spans(t, kind)) or None)\n"},
    {"reverse", "", "reverse = strict(lambda t: t[::-1])\n"},
    {"join", "kinds", "join = strict(lambda t, kind, glue: glue.join(t[a:b] for a, b in spans(t, kind)))\n"},
    {"drop", "kinds", "drop = strict(lambda t, kind: re.sub(KINDS[kind], \"\", t))\n"},
    {"without", "", "without = strict(lambda t, chars: \"\".join(c for c in t if c not in chars))\n"},
    {"plain", "", R"~(@strict
def plain(t):
    base = lambda c: unicodedata.normalize("NFD", c)[0]
    return "".join(base(c) if "\u00c0" <= c <= "\u017f" and base(c).isascii() else c for c in t)

)~"},
    {"items", "", R"~(@strict
def items(t, separator, how):
    parts = t.split(separator)
    if how == "unique":
        parts = list(dict.fromkeys(parts))
    elif how == "reversed":
        parts = parts[::-1]
    else:
        parts = sorted(parts, reverse=how == "sorted down")
    return separator.join(parts)

)~"},
    {"items_with", "",
     "items_with = strict(lambda t, separator, begin: separator.join(p for p in t.split(separator) if p.startswith(begin)))\n"},
    {"groups", "",
     "groups = strict(lambda t, size, glue: None if size < 1 else glue.join(t[i:i + size] for i in range(0, len(t), size)))\n"},
    {"pad_left", "", "pad_left = strict(lambda t, width, c: t.rjust(width, c))\n"},
    {"pad_right", "", "pad_right = strict(lambda t, width, c: t.ljust(width, c))\n"},
    {"parse", "", R"~(MOST = 2 ** 120


def num(n):
    return n if isinstance(n, tuple) else (n, 0)


def grown(digits, zeros):
    if zeros > 0 and abs(digits) * 10 ** (zeros - 1) > MOST // 10:
        return None
    return digits * 10 ** max(0, zeros)


def trimmed(n):
    while n[1] > 0 and n[0] % 10 == 0:
        n = (n[0] // 10, n[1] - 1)
    return n


def aligned(a, b):
    a, b = trimmed(num(a)), trimmed(num(b))
    places = max(a[1], b[1])
    a, b = grown(a[0], places - a[1]), grown(b[0], places - b[1])
    return None if a is None or b is None else (a, b, places)


def moved_point(n, k):
    digits, places = grown(n[0], k - n[1]), max(0, n[1] - k)
    return None if digits is None or places > 30 else (digits, places)


def parse(t):
    m = re.fullmatch(r"([-+]?)([0-9,]*)(?:\.([0-9]*))?(?:[eE]([-+]?)([0-9]+))?", t)
    if not m or "," in m[2] and not re.fullmatch("[0-9]{1,3}(,[0-9]{1,3})*,[0-9]{3}", m[2]):
        return None
    digits, places = m[2].replace(",", "") + (m[3] or ""), len(m[3] or "")
    if digits == "" or places > 30 or len(digits.lstrip("0")) > 40 or int(digits.lstrip("0") or 0) // 10 > MOST // 100:
        return None
    n, power = int(digits.lstrip("0") or 0), min(1000, int((m[5] or "0").lstrip("0")[:5] or 0))
    return moved_point((-n if m[1] == "-" else n, places), -power if m[4] == "-" else power)


def plus(a, b):
    both = None if a is None or b is None else aligned(a, b)
    return both and (both[0] + both[1], both[2])
)~"},
    {"order", "strict parse", R"~(@strict
def less(a, b):
    both, rough = aligned(a, b), lambda n: float(num(n)[0]) / float(10 ** num(n)[1])
    return both[0] < both[1] if both else rough(a) < rough(b)

)~"},
    {"number", "kinds parse", R"~(def signed_at(t, a, b):
    if a > 0 and t[a - 1] == "-" and (a == 1 or not (t[a - 2].isascii() and t[a - 2].isalnum() or t[a - 2] >= "\u0080")):
        a -= 1
    return parse(t[a:b])


@strict
def number(t, k):
    if k in (1, -1) and parse(t.strip(" \t\n\v\f\r")) is not None:
        return parse(t.strip(" \t\n\v\f\r"))
    s = kth(spans(t, "number"), k)
    return None if s is None else signed_at(t, *s)

)~"},
    {"times_ten", "parse", "times_ten = strict(lambda n, k: moved_point(num(n), k) if -40 < k < 40 else None)\n"},
    {"plus", "parse", ""},
    {"minus", "parse", "minus = strict(lambda a, b: plus(a, (-num(b)[0], num(b)[1])))\n"},
    {"times", "parse", R"~(@strict
def times(a, b):
    a, b = trimmed(num(a)), trimmed(num(b))
    n = trimmed((a[0] * b[0], a[1] + b[1]))
    return None if abs(a[0] * b[0]) > MOST or n[1] > 30 else n

)~"},
    {"over", "parse", R"~(@strict
def over(a, b):
    a, b = trimmed(num(a)), trimmed(num(b))
    zeros = 12 + b[1] - a[1]
    n, d = grown(abs(a[0]), zeros), grown(abs(b[0]), -zeros)
    return None if n is None or not d else trimmed(((2 * n + d) // (2 * d) * (1 if (a[0] < 0) == (b[0] < 0) else -1), 12))

)~"},
    {"remainder", "parse", R"~(@strict
def remainder(a, b):
    both = aligned(a, b)
    return None if not both or both[1] <= 0 else trimmed((both[0] % both[1], both[2]))

)~"},
    {"larger", "order", "larger = strict(lambda a, b: b if less(a, b) else a)\n"},
    {"smaller", "order", "smaller = strict(lambda a, b: b if less(b, a) else a)\n"},
    {"numbers", "number over larger smaller", R"~(@strict
def numbers(t, how):
    all_ = [signed_at(t, *s) for s in spans(t, "number")]
    if not all_ or None in all_:
        return None
    result = all_[0]
    for n in all_[1:]:
        result = larger(result, n) if how == "largest" else smaller(result, n) if how == "smallest" else plus(result, n)
    return over(result, (len(all_), 0)) if how == "average" else result

)~"},
    {"ordinal", "parse", R"~(@strict
def ordinal(n):
    n = num(n)
    if n[1] or n[0] < 0:
        return None
    return str(n[0]) + ("th" if n[0] // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(n[0] % 10, "th"))

)~"},
    {"roman", "parse", R"~(@strict
def roman(n):
    n, out = num(n), ""
    if n[1] or not 1 <= n[0] <= 3999:
        return None
    n = n[0]
    for value, letters in zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split()):
        out, n = out + letters * (n // value), n % value
    return out

)~"},
    {"signed", "", "signed = strict(lambda t: None if t == \"\" else t if t[0] == \"-\" else \"+\" + t)\n"},
    {"round", "parse", R"~(@strict
def round_(n, unit, offset, places, mode):
    finer = lambda n: (num(n)[0], num(n)[1] + places)
    unit, offset = finer(unit), finer(offset)
    n = plus(n, (-offset[0], offset[1])) if 0 <= places <= 20 else None
    both = n and aligned(n, unit)
    if not both or both[1] <= 0:
        return None
    a, b, scale = both
    if mode == "down":
        count = a // b
    elif mode == "up":
        count = -(-a // b)
    else:
        count = (2 * abs(a) + b) // (2 * b) * (1 if a >= 0 else -1)
    result = plus((count * b, scale), offset) if offset[0] else (count * b, scale)
    while result and result[1] > unit[1] and result[0] % 10 == 0:
        result = (result[0] // 10, result[1] - 1)
    return result

)~"},
    {"format", "parse", R"~(@strict
def format_(n, least, most, digits, grouping):
    if not (-1 <= least <= 30 and most >= 0 and 0 <= digits <= 1000):
        return None
    n = num(n) if least < 0 else trimmed(num(n))
    if n[1] > most:
        half = 10 ** (n[1] - most)
        n = ((2 * abs(n[0]) + half) // (2 * half) * (1 if n[0] >= 0 else -1), most)
        n = n if least < 0 else trimmed(n)
    text = str(abs(n[0])).rjust(n[1] + 1, "0")
    whole, part = (text[:-n[1]], text[-n[1]:]) if n[1] else (text, "")
    part, whole = part.ljust(least, "0") if least > 0 else part, whole.rjust(digits, "0")
    if digits == 0 and whole == "0" and part:
        whole = ""
    style, *marks = grouping.split(":", 2)
    group, point = marks if len(marks) == 2 else (",", ".")
    if style in ("thousands", "indian"):
        i = len(whole) - 3
        while i > 0:
            whole = whole[:i] + group + whole[i:]
            i -= 2 if style == "indian" else 3
    return ("-" if n[0] < 0 else "") + whole + (point + part if part else "")

)~"},
    {"moment", "kinds",
     R"~(MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def named(word, names):
    for i, name in enumerate(names):
        if word.lower() == name.lower() or (len(word) == 3 or len(word) == 4 < len(name)) and word.lower() == name[:len(word)].lower():
            return i + 1
    return 4 if names is DAYS and word.lower() == "thurs" else 0


def leap(y):
    return y % 4 == 0 and y % 100 != 0 or y % 400 == 0


def day_number(y, m, d):
    y -= m <= 2
    return 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m + (-3 if m > 2 else 9)) + 2) // 5 + d - 1 - 719468


def from_day(n):
    z = n + 719468
    era, doe = z // 146097, z % 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    m = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (m <= 2), m, doy - (153 * mp + 2) // 5 + 1


def weekday(n):
    return (n + 3) % 7


def iso_monday(y):
    n = day_number(y, 1, 4)
    return n - weekday(n)


def read_moment(tokens, order):
    tokens, m = list(tokens), {"y": 0, "mo": 0, "d": 0, "h": -1, "mi": 0, "s": 0}
    is_mark = lambda i, c: i < len(tokens) and tokens[i] == c
    is_num = lambda i: i < len(tokens) and tokens[i][0] in "0123456789"
    small = lambda i: is_num(i) and len(tokens[i]) <= 2 and int(tokens[i]) <= 59

    def noon(i):
        i += is_mark(i, " ")
        if i < len(tokens) and tokens[i].lower() in ("am", "pm"):
            return (1 if tokens[i].lower() == "am" else 2), i + 1
        if i + 2 < len(tokens) and tokens[i].lower() in ("a", "p") and tokens[i + 1] == "." and tokens[i + 2].lower() == "m":
            return (1 if tokens[i].lower() == "a" else 2), i + 3 + is_mark(i + 3, ".")
        return 0, None

    for i in range(len(tokens)):
        if not small(i):
            continue
        end, half = i + 1, 0
        if is_mark(end, ":") and small(end + 1) and len(tokens[end + 1]) == 2:
            if order == "minutes and seconds":
                m["h"], m["mi"], m["s"], end = 0, int(tokens[i]), int(tokens[end + 1]), end + 2
            else:
                m["h"], m["mi"], end = int(tokens[i]), int(tokens[end + 1]), end + 2
                if is_mark(end, ":") and small(end + 1):
                    m["s"], end = int(tokens[end + 1]), end + 2
                    if is_mark(end, ".") and is_num(end + 1):
                        end += 2
            if m["h"] > 23:
                return None
            half, after = noon(end)
            end = after or end
            z = end + is_mark(end, " ")
            if z < len(tokens) and tokens[z] in ("Z", "UTC", "GMT"):
                end = z + 1
            if (is_mark(z, "+") or is_mark(z, "-") and z == end) and is_num(z + 1):
                if is_mark(z + 2, ":") and small(z + 3):
                    end = z + 4
                elif len(tokens[z + 1]) == 4:
                    end = z + 2
        else:
            half, after = noon(end)
            if not half:
                continue
            m["h"], end = int(tokens[i]), after
        if half:
            if not 1 <= m["h"] <= 12:
                return None
            m["h"] = m["h"] % 12 + (12 if half == 2 else 0)
        begin, joins = i, (" ", ",", "@", "T", "at", "_")
        while begin > 0 and tokens[begin - 1] in joins:
            begin -= 1
        while end < len(tokens) and tokens[end] in joins:
            end += 1
        if begin > 0 and end < len(tokens):
            return None
        del tokens[begin:end]
        break
    word = lambda t: t.isascii() and t.isalpha()
    if tokens and any(not word(t) and not t[0] in "0123456789" for t in (tokens[0], tokens[-1])):
        return None
    nums, marks, month, day, week = [], "", 0, 0, False
    for i, t in enumerate(tokens):
        if t[0] in "0123456789":
            if len(t) > 8:
                return None
            nums.append(t)
        elif not word(t):
            if t not in " ,-/.#'":
                return None
            marks += t
        elif named(t, MONTHS) and not month:
            month = named(t, MONTHS)
        elif named(t, DAYS) and not day:
            day = named(t, DAYS)
        elif t in "Ww" and i + 1 < len(tokens):
            week = True
        elif not (i and tokens[i - 1][0] in "0123456789" and t.lower() in ("st", "nd", "rd", "th")) and t.lower() != "of":
            return None
    if (nums or month or day) and not read_date(m, nums, marks, month, day, week, order):
        return None
    if not (m["y"] or m["mo"] or m["d"] or m["h"] >= 0):
        return None
    lengths = (31, 29 if leap(m["y"] or 2000) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return None if m["mo"] and m["d"] > lengths[m["mo"] - 1] else m


def read_date(m, nums, marks, month, day, week, order):
    year4 = lambda t: len(t) == 4 and int(t) >= 1000

    def year(t):
        m["y"] = int(t) + (0 if len(t) > 2 else 2000 if int(t) < 50 else 1900)
        return len(t) == 2 or year4(t)

    def month_day(mo, d):
        m["mo"], m["d"] = int(mo), int(d)
        return 1 <= m["mo"] <= 12 and 1 <= m["d"] <= 31

    def day_at(n):
        m["y"], m["mo"], m["d"] = from_day(n)
        return True

    n = len(nums)
    if week:
        return n == 2 and year4(nums[0]) and 1 <= int(nums[1]) <= 53 and day_at(iso_monday(int(nums[0])) + 7 * (int(nums[1]) - 1) + max(0, day - 1))
    if month and "#" in marks:
        if n != 2 or not day or not year4(nums[1]) or not 1 <= int(nums[0]) <= 5:
            return False
        first = day_number(int(nums[1]), month, 1)
        return day_at(first + (day - 1 - weekday(first)) % 7 + 7 * (int(nums[0]) - 1)) and m["mo"] == month
    if month and n == 2:
        first = year4(nums[0])
        return year(nums[0 if first else 1]) and len(nums[first]) <= 4 and month_day(month, nums[1 if first else 0])
    if month and n == 1:
        if not year4(nums[0]):
            return month_day(month, nums[0])
        m["mo"] = month
        return year(nums[0])
    if month or day and n == 0:
        return False
    if n == 3:
        a, b, c = nums
        if len(b) > 2:
            return False
        if year4(a):
            return len(c) <= 2 and year(a) and (month_day(c, b) if order == "day first" else month_day(b, c))
        if len(a) > 2:
            return False
        if order == "month first":
            return year(c) and (month_day(b, a) if marks == ".." else month_day(a, b))
        if order == "day first":
            return year(c) and month_day(b, a)
        return order == "year first" and len(c) <= 2 and len(a) == 2 and year(a) and month_day(b, c)
    if n == 2:
        a, b = nums
        if year4(a) and marks == " " and 1 <= int(b) <= 365 + leap(int(a)):
            return day_at(day_number(int(a), 1, 1) + int(b) - 1)
        if year4(a) and len(b) == 2 and 1 <= int(b) <= 12:
            m["mo"] = int(b)
            return year(a)
        if year4(b) and len(a) <= 2 and 1 <= int(a) <= 12:
            m["mo"] = int(a)
            return year(b)
        return marks in ("/", "-", ".") and len(a) <= 2 and len(b) <= 2 and (month_day(b, a) if order == "day first" else month_day(a, b))
    if n != 1 or day:
        return False
    t = nums[0]
    if order == "hours" and len(t) <= 2 and int(t) < 24:
        m["h"] = int(t)
        return True
    if order == "hours and minutes" and len(t) in (3, 4):
        m["h"], m["mi"] = divmod(int(t), 100)
        return m["h"] < 24 and m["mi"] < 60
    if len(t) == 8 or len(t) == 7 and order == "month first":
        head, tail = divmod(int(t), 10000)
        if order == "year first":
            m["y"] = head
            return head >= 1000 and month_day(tail // 100, tail % 100)
        m["y"] = tail
        return tail >= 1000 and (month_day(head % 100, head // 100) if order == "day first" else month_day(head // 100, head % 100))
    return order == "year first" and year4(t) and year(t)


@strict
def moment(t, k, order):
    cut = lambda s: re.findall("[0-9]+|[A-Za-z]+|(?s:.)", s)
    if k in (1, -1):
        tokens = cut(t.strip()[:120])
        whole = read_moment(tokens, order) if 0 < len(tokens) <= 20 else None
        if whole:
            return whole
    tokens, found, i = cut(t[:2000]), [], 0
    while i < len(tokens):
        following = i + 1
        if tokens[i][0] in "0123456789" or named(tokens[i], MONTHS) or named(tokens[i], DAYS):
            for end in range(min(len(tokens), i + 20), i + 1, -1):
                if not (tokens[end - 1].isascii() and tokens[end - 1].isalnum()):
                    continue
                m = read_moment(tokens[i:end], order)
                if m and (m["y"] and m["mo"] and m["d"] or m["h"] >= 0):
                    found.append(m)
                    following = end
                    break
        i = following
    return kth(found, k)

)~"},
    {"bucket", "moment", R"~(@strict
def bucket(m, minutes, offset, shift):
    if m["h"] < 0:
        return None
    start = (m["h"] * 60 + m["mi"] - offset) // minutes * minutes + offset + shift
    days, of_day = divmod(start, 1440)
    m = dict(m, h=of_day // 60, mi=of_day % 60, s=0)
    if days and m["y"] and m["mo"] and m["d"]:
        m["y"], m["mo"], m["d"] = from_day(day_number(m["y"], m["mo"], m["d"]) + days)
    return m

)~"},
    {"part", "moment", R"~(@strict
def part(m, name):
    y, mo, d, h = m["y"], m["mo"], m["d"], m["h"]
    if name in ("yyyy", "yy"):
        return None if not y else "%04d" % y if name == "yyyy" else "%02d" % (y % 100)
    if name in ("M", "MM", "MMM", "MMMM", "q", "half"):
        return None if not mo else {"M": str(mo), "MM": "%02d" % mo, "MMM": MONTHS[mo - 1][:3], "MMMM": MONTHS[mo - 1], "q": str((mo + 2) // 3),
                                    "half": str(2 if mo > 6 else 1)}[name]
    if name in ("d", "dd", "do", "month week"):
        ending = "th" if d // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(d % 10, "th")
        return None if not d else {"d": str(d), "dd": "%02d" % d, "do": str(d) + ending, "month week": str((d + 6) // 7)}[name]
    if name in ("H", "HH", "h", "hh", "m", "mm", "s", "ss", "tt", "am", "a.m."):
        half = (h + 11) % 12 + 1
        return None if h < 0 else {"H": str(h), "HH": "%02d" % h, "h": str(half), "hh": "%02d" % half, "m": str(m["mi"]), "mm": "%02d" % m["mi"],
                                   "s": str(m["s"]), "ss": "%02d" % m["s"], "tt": "AM" if h < 12 else "PM", "am": "am" if h < 12 else "pm",
                                   "a.m.": "a.m." if h < 12 else "p.m."}[name]
    if not (y and mo and d):
        return None
    n, iso = day_number(y, mo, d), y + 1
    while n < iso_monday(iso):
        iso -= 1
    week, yday = (n - iso_monday(iso)) // 7 + 1, n - day_number(y, 1, 1) + 1
    return {"ddd": DAYS[weekday(n)][:3], "dddd": DAYS[weekday(n)], "week": str(week), "ww": "%02d" % week, "week year": str(iso),
            "year day": str(yday), "year day 3": "%03d" % yday}[name]

)~"},
    {"days", "moment", R"~(@strict
def days(a, b):
    if not (a["y"] and a["mo"] and a["d"] and b["y"] and b["mo"] and b["d"]):
        return None
    return (day_number(b["y"], b["mo"], b["d"]) - day_number(a["y"], a["mo"], a["d"]), 0)

)~"},
    {"months", "moment", R"~(dated = lambda m: m["y"] and m["mo"] and m["d"]


@strict
def months(a, b):
    if not dated(a) or not dated(b):
        return None
    return ((b["y"] - a["y"]) * 12 + b["mo"] - a["mo"] - (b["d"] < a["d"]), 0)

)~"},
    {"years", "months", R"~(@strict
def years(a, b):
    if not dated(a) or not dated(b):
        return None
    return (b["y"] - a["y"] - ((b["mo"], b["d"]) < (a["mo"], a["d"])), 0)

)~"},
    {"second_of_day", "moment", R"~(of_day = lambda m: m["h"] * 3600 + m["mi"] * 60 + m["s"]
second_of_day = strict(lambda m: None if m["h"] < 0 else (of_day(m), 0))
)~"},
    {"seconds", "months second_of_day", R"~(@strict
def seconds(a, b):
    if a["h"] < 0 or b["h"] < 0:
        return None
    n = of_day(b) - of_day(a)
    if dated(a) and dated(b):
        n += 86400 * (day_number(b["y"], b["mo"], b["d"]) - day_number(a["y"], a["mo"], a["d"]))
    elif n < 0:
        n += 86400
    return (n, 0)

)~"},
    {"weekday", "months",
     "weekday_ = strict(lambda m: (weekday(day_number(m[\"y\"], m[\"mo\"], m[\"d\"])) + 1, 0) if dated(m) else None)\n"},
    {"clock", "times", R"~(@strict
def clock(n, unit):
    n = times(n, unit) if unit > 0 else None
    s = n and n[0] // 10 ** n[1]
    return {"y": 0, "mo": 0, "d": 0, "h": s // 3600, "mi": s // 60 % 60, "s": s % 60} if n and 0 <= s <= 1000000000 else None

)~"},
    {"add_days", "months parse", R"~(@strict
def add_days(m, n):
    n = num(n)
    if not dated(m) or n[1] or abs(n[0]) > 1000000:
        return None
    y, mo, d = from_day(day_number(m["y"], m["mo"], m["d"]) + n[0])
    return dict(m, y=y, mo=mo, d=d)

)~"},
    {"month_end", "moment", R"~(lengths = lambda y: (31, 29 if leap(y) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
month_end = strict(lambda m: dict(m, d=lengths(m["y"])[m["mo"] - 1]) if m["y"] and m["mo"] else None)
)~"},
    {"add_months", "months month_end parse", R"~(@strict
def add_months(m, n):
    n = num(n)
    if not dated(m) or n[1] or abs(n[0]) > 1000000 or m["y"] * 12 + m["mo"] - 1 + n[0] < 12:
        return None
    y, mo = divmod(m["y"] * 12 + m["mo"] - 1 + n[0], 12)
    return dict(m, y=y, mo=mo + 1, d=min(m["d"], lengths(y)[mo]))

)~"},
    {"add_seconds", "months second_of_day parse", R"~(@strict
def add_seconds(m, n):
    n = num(n)
    if m["h"] < 0 or n[1] or abs(n[0]) > 1000000:
        return None
    days, s = divmod(of_day(m) + n[0], 86400)
    if dated(m):
        y, mo, d = from_day(day_number(m["y"], m["mo"], m["d"]) + days)
        m = dict(m, y=y, mo=mo, d=d)
    return dict(m, h=s // 3600, mi=s // 60 % 60, s=s % 60)

)~"},
    {"look_up", "", R"~(@strict
def look_up(t, table, a, b):
    columns, rows = FACTS[table]
    for row in rows:
        if row[columns.index(a)].lower() == t.lower():
            return row[columns.index(b)]
    return None

)~"},
    {"if", "", ""},
    {"first", "", "first = lambda a, b: b if a is None else a\n"},
    {"nothing", "", "nothing = lambda: None\n"},
    {"is_nothing", "", "is_nothing = lambda a: a is None\n"},
    {"not", "", "not_ = lambda a: a is not True\n"},
    {"contains", "", "contains = strict(lambda t, what: what in t)\n"},
    {"starts", "", "starts = strict(lambda t, what: t.startswith(what))\n"},
    {"ends", "", "ends = strict(lambda t, what: t.endswith(what))\n"},
    {"equals", "", "equals = strict(lambda a, b: a == b)\n"},
    {"empty", "", "empty = lambda t: t is None or t.strip(\" \\t\\n\\v\\f\\r\") == \"\"\n"},
    {"shape", "", R"~(@strict
def shape(t, wanted):
    out = ""
    for c in t:
        kind = "9" if c in "0123456789" else "A" if "A" <= c <= "Z" else "a" if "a" <= c <= "z" or c >= "\u0080" else " " if c in " \t\n\v\f\r" else c
        out += kind if out[-1:] != kind else ""
    return out == wanted

)~"},
    {"less", "order", ""},
    {"length", "", "length = strict(lambda t: (len(t), 0))\n"},
    {"count", "kinds", "count = strict(lambda t, kind: (len(spans(t, kind)), 0))\n"},
    {"count_of", "", "count_of = strict(lambda t, what: (t.count(what), 0))\n"},
};

std::string Quoted(std::string_view text) { return QuotedWith("\\x%02x", text); }

std::string Code(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kInput:
      return Fmt("cells[%d]", int(e.number));
    case Expr::Kind::kText:
      return Quoted(e.text);
    case Expr::Kind::kNumber:
      return std::to_string(e.number);
    case Expr::Kind::kOp:
      break;
  }
  if (e.op->name == "if") return "(" + Code(e.args[1]) + " if " + Code(e.args[0]) + " is True else " + Code(e.args[2]) + ")";
  std::string name(e.op->name);
  if (name == "slice" || name == "round" || name == "format" || name == "not" || name == "weekday") name += '_';
  std::string out = name + "(";
  for (size_t i = 0; i < e.args.size(); ++i) {
    const bool whole = Counts(*e.op, i) && NeedsWhole(e.args[i]);
    out += (i ? ", " : "") + (whole ? "whole(" + Code(e.args[i]) + ")" : Code(e.args[i]));
  }
  return out + ")";
}

std::string Facts(const FactTable& table) {
  std::string out = "    " + Quoted(table.name) + ": ([";
  for (const auto column : table.columns) out += Quoted(column) + ", ";
  out += "], [\n";
  for (size_t r = 0; r < table.rows(); ++r) {
    out += "        (";
    for (size_t c = 0; c < table.columns.size(); ++c) out += Quoted(table.at(r, c)) + ", ";
    out += "),\n";
  }
  return out + "    ]),\n";
}

}  // namespace

std::string EmitPython(const SavedProgram& program) {
  std::string code = "#!/usr/bin/env python3\n\"\"\"Reads CSV with a header from standard input, writes it with the column " +
                     std::string("that is computed.\"\"\"\nimport csv\nimport re\nimport sys\nimport unicodedata\n\n\n");
  code += LibraryFor(program.program, kLibrary, "strict");
  std::string tables;
  for (const FactTable* table : TablesOf(program.program)) tables += Facts(*table);
  if (!tables.empty()) code += "FACTS = {\n" + tables + "}\n";
  code += "\n\ndef program(cells):\n    return " + Code(program.program) + "\n\n\n";
  code += "INPUTS = [";
  for (const std::string& name : program.inputs) code += Quoted(name) + ", ";
  code += "]\nOUTPUT = " + Quoted(program.output) + "\n\nif __name__ == \"__main__\":\n";
  code += R"~(    sys.stdin.reconfigure(newline="")
    rows = list(csv.reader(sys.stdin))
    header = rows[0]
    columns = [header.index(name) for name in INPUTS]
    if OUTPUT not in header:
        header.append(OUTPUT)
    output = header.index(OUTPUT)
    for row in rows[1:]:
        row += [""] * (len(header) - len(row))
        if row[output] == "":
            answer = program([row[c] for c in columns])
            row[output] = "" if answer is None else answer
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
)~";
  return code;
}

}  // namespace hasten::solve
