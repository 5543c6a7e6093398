#!/usr/bin/env python3
"""Tasks that people have with columns, each with its answer worked out by a line of Python. `bench/tasks.py FOLDER` writes a table
a task, named KIND.NAME.csv, for `hasten solve --suite FOLDER --give 3`. Nothing in here is taken from a public set of tasks."""

import csv
import datetime
import os
import re
import sys

PEOPLE = ("Ada Lovelace", "Grace Hopper", "Linus Pauling", "Mary Jackson", "Niels Bohr", "Rosa Parks", "Emmy Noether", "Alan Kay",
          "Barbara Liskov", "Tim Lee")
MIDDLE = ("Ada Byron Lovelace", "Grace Murray Hopper", "Linus Carl Pauling", "Mary Winston Jackson", "Niels Henrik Bohr",
          "Rosa Louise Parks", "Emmy Amalie Noether", "Alan Curtis Kay")
CITIES = ("lisbon", "new york", "san juan", "oslo", "rio de janeiro", "port moresby", "kyiv", "la paz")
DATES = ("2021-03-09", "2019-12-24", "1999-01-31", "2024-02-29", "2005-07-04", "2016-10-15", "2023-05-01", "1987-11-22")
DAYS = [datetime.date.fromisoformat(d) for d in DATES]
WORDS = ("the quick brown fox", "Lorem ipsum", "to be or not to be", "hello", "a stitch in time saves nine", "more haste less speed",
         "every cloud has a silver lining", "no pain no gain")
PRICES = ("12.5", "1999", "0.99", "1234567.891", "45.678", "100", "7.05", "88000.1")
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def number(n, places=12):
    """A number as people write it: no zeros at its end."""
    text = f"{n:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def half_up(n, places):
    from decimal import ROUND_HALF_UP, Decimal
    return str(Decimal(str(n)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def ordinal(n):
    return str(n) + ("th" if n // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))


def roman(n):
    out = ""
    for value, letters in zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split()):
        out, n = out + letters * (n // value), n % value
    return out


def duration(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def title(text):
    return " ".join(w[:1].upper() + w[1:].lower() for w in text.split(" "))


NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()

# kind, name, columns, inputs (a text, or a tuple where there are several), the answer.
TASKS = (
    ("name", "last-comma-first", "name", PEOPLE, lambda t: ", ".join(reversed(t.split()))),
    ("name", "initials", "name", MIDDLE, lambda t: "".join(w[0] for w in t.split())),
    ("name", "initials-dotted", "name", MIDDLE, lambda t: ".".join(w[0] for w in t.split()) + "."),
    ("name", "drop-the-middle", "name", ("Ada Byron Lovelace", "Grace Hopper", "Linus Carl Pauling", "Mary Jackson", "Rosa Louise Parks",
                                         "Niels Bohr", "Alan Curtis Kay"), lambda t: t.split()[0] + " " + t.split()[-1]),
    ("name", "middle-initial", "name", MIDDLE, lambda t: "{} {}. {}".format(t.split()[0], t.split()[1][0], t.split()[2])),
    ("name", "address", "first,last,domain", (("Ada", "Lovelace", "calc.org"), ("Grace", "Hopper", "navy.mil"), ("Alan", "Kay", "parc.com"),
                                             ("Mary", "Jackson", "nasa.gov"), ("Rosa", "Parks", "bus.us"), ("Tim", "Lee", "cern.ch")),
     lambda f, l, d: f"{f[0]}{l}@{d}".lower()),
    ("name", "from-address", "mail", ("ada.lovelace@calc.org", "grace.hopper@navy.mil", "alan.kay@parc.com", "rosa.parks@bus.us",
                                      "niels.bohr@ku.dk"), lambda t: title(t.split("@")[0].replace(".", " "))),
    ("name", "upper-last", "name", PEOPLE, lambda t: t.split()[0] + " " + t.split()[1].upper()),
    ("name", "honorific", "title,name", (("Dr", "ada lovelace"), ("Ms", "grace hopper"), ("Mr", "alan kay"), ("Dr", "rosa parks"),
                                         ("Prof", "emmy noether")), lambda h, n: f"{h}. {title(n)}"),
    ("name", "from-last-first", "name", ("LOVELACE, Ada", "HOPPER, Grace", "KAY, Alan", "PARKS, Rosa", "BOHR, Niels"),
     lambda t: t.split(", ")[1] + " " + title(t.split(", ")[0])),
    ("name", "accented", "name", ("josé garcía", "zoë ångström", "françois müller", "renée côté", "björn söderberg"), title),

    ("mail", "domain", "mail", ("ada@calc.org", "g.hopper@navy.mil", "kay+news@parc.com", "rosa_p@bus.co.uk", "n@ku.dk"),
     lambda t: t.split("@")[1]),
    ("mail", "user", "mail", ("Ada <ada@calc.org>", "Grace H <g.hopper@navy.mil>", "Kay <kay+news@parc.com>", "Rosa <rosa_p@bus.co.uk>"),
     lambda t: t.split("<")[1].split("@")[0]),
    ("mail", "masked", "mail", ("ada@calc.org", "hopper@navy.mil", "kay@parc.com", "rosa@bus.co.uk", "niels@ku.dk"),
     lambda t: t[0] + "***@" + t.split("@")[1]),
    ("mail", "top-domain", "mail", ("ada@calc.org", "g@mail.navy.mil", "kay@parc.com", "rosa@bus.co.uk", "n@ku.dk"),
     lambda t: t.split(".")[-1]),

    ("phone", "dashes", "phone", ("(212) 555-0143", "415.555.0199", "312-555-0123", "6175550187", "206 555 0111", "(305)555-0172"),
     lambda t: re.sub(r"(...)(...)(....)", r"\1-\2-\3", re.sub(r"\D", "", t))),
    ("phone", "brackets", "phone", ("2125550143", "4155550199", "3125550123", "6175550187"), lambda t: f"({t[:3]}) {t[3:6]}-{t[6:]}"),
    ("phone", "international", "phone", ("020 7946 0958", "0161 496 0123", "0113 496 0777", "0131 496 0345"), lambda t: "+44 " + t[1:]),
    ("phone", "area", "phone", ("(212) 555-0143", "(415) 555-0199", "(312) 555-0123", "(617) 555-0187"), lambda t: t[1:4]),
    ("phone", "last-four", "phone", ("(212) 555-0143", "415-555-0199", "+1 312 555 0123", "6175550187"), lambda t: t[-4:]),

    ("address", "zip", "address", ("12 Oak St, Salem, OR 97301", "9 Elm Ave, Dover, DE 19901", "400 Main St, Reno, NV 89501",
                                   "77 1st Ave, Boise, ID 83702", "5 Route 66, Tulsa, OK 74103"), lambda t: t[-5:]),
    ("address", "city", "address", ("12 Oak St, Salem, OR 97301", "9 Elm Ave, Dover, DE 19901", "400 Main St, Fort Worth, TX 76102",
                                    "77 1st Ave, Boise, ID 83702", "5 Route 66, Tulsa, OK 74103"), lambda t: t.split(", ")[1]),
    ("address", "house", "address", ("Oak Street 12", "Elm Avenue 9b", "Main Street 400", "Unter den Linden 77", "Rua Augusta 5"),
     lambda t: t.split()[-1]),
    ("address", "state-name", "address", ("Salem, OR", "Dover, DE", "Reno, NV", "Boise, ID", "Tulsa, OK", "Albany, NY"),
     lambda t: {"OR": "Oregon", "DE": "Delaware", "NV": "Nevada", "ID": "Idaho", "OK": "Oklahoma", "NY": "New York"}[t[-2:]]),
    ("address", "country-code", "country", ("France", "Japan", "Brazil", "Kenya", "Germany", "Canada"),
     lambda t: {"France": "FR", "Japan": "JP", "Brazil": "BR", "Kenya": "KE", "Germany": "DE", "Canada": "CA"}[t]),
    ("address", "one-line", "street,city,zip", (("12 Oak St", "Salem", "97301"), ("9 Elm Ave", "Dover", "19901"), ("400 Main St", "Reno", "89501"),
                                                ("77 First Ave", "Boise", "83702")), lambda s, c, z: f"{s}, {z} {c}"),
    ("address", "coordinates", "place", ("(47.61, -122.33)", "(40.71, -74.01)", "(-33.87, 151.21)", "(51.51, -0.13)"),
     lambda t: t[1:-1].split(", ")[1]),

    ("url", "host", "url", ("https://www.example.com/a/b", "http://shop.example.org/x?y=1", "https://docs.test.net/", "http://a.b.c.dev/q"),
     lambda t: t.split("/")[2]),
    ("url", "page", "url", ("https://example.com/a/about.html", "http://example.org/x/y/contact.html", "https://test.net/index.html"
                            , "http://a.dev/q/r/s/faq.html"), lambda t: t.split("/")[-1].split(".")[0]),
    ("url", "parameter", "url", ("http://a.com/?id=17&lang=en", "http://b.org/p?id=4&lang=de", "http://c.net/q/r?id=982&lang=fr",
                                 "http://d.io/?id=55&lang=pt"), lambda t: t.split("id=")[1].split("&")[0]),
    ("url", "slug", "title", ("Hello, World!", "Ten Tips for C++", "What's New in 2024?", "A Tale of Two Cities", "Fish & Chips"),
     lambda t: re.sub("[^a-z0-9]+", "-", t.lower()).strip("-")),
    ("url", "without-www", "host", ("www.example.com", "www.test.org", "example.net", "www.a.b.c", "plain.io"),
     lambda t: t.removeprefix("www.")),

    ("path", "file", "path", ("/data/ada/notes.txt", "/var/log/sys.log", "/a/b/c/d.tar.gz", "/etc/motd"), lambda t: t.split("/")[-1]),
    ("path", "folder", "path", ("/data/ada/notes.txt", "/var/log/sys.log", "/a/b/c/d.tar.gz", "/etc/motd"), lambda t: t.rsplit("/", 1)[0]),
    ("path", "extension", "path", ("notes.txt", "photo.of.me.jpeg", "song.mp3", "d.tar.gz"), lambda t: t.split(".")[-1]),
    ("path", "windows-to-unix", "path", (r"docs\2024\plan.doc", r"src\main.cc", r"a\b\c\d\e.txt", r"readme.md"),
     lambda t: t.replace("\\", "/")),
    ("path", "renamed", "path", ("IMG_0042.JPG", "IMG_1234.JPG", "IMG_0007.JPG", "IMG_9999.JPG"), lambda t: "photo-" + t[4:8] + ".jpg"),

    ("code", "middle-part", "code", ("AB-1234-X", "QT-77-YZ", "LMN-90210-B", "K-5-PQR"), lambda t: t.split("-")[1]),
    ("code", "padded", "n", ("7", "42", "123", "99999", "1000"), lambda t: t.zfill(6)),
    ("code", "padded-inside", "code", ("INV-7", "INV-42", "INV-123", "INV-1000"), lambda t: "INV-" + t[4:].zfill(5)),
    ("code", "letters-then-digits", "code", ("ABC123", "XY9", "LMNO4567", "K22"), lambda t: re.sub(r"(\D+)(\d+)", r"\1-\2", t)),
    ("code", "card-masked", "card", ("4111 1111 1111 1234", "5500 0000 0000 0004", "3400 0000 0000 9876", "6011 2222 3333 4444"),
     lambda t: "**** **** **** " + t[-4:]),
    ("code", "in-groups", "iban", ("DE89370400440532013000", "GB29NWBK60161331926819", "FR7630006000011234567890", "CH9300762011623852957"),
     lambda t: " ".join(t[i:i + 4] for i in range(0, len(t), 4))),
    ("code", "without-zeros", "code", ("000123", "004500", "100000", "000007"), lambda t: t.lstrip("0")),
    ("code", "hex-colour", "colour", ("#FF8800", "#00CC99", "#123ABC", "#0a0b0c"), lambda t: t[1:].lower()),
    ("code", "isbn", "isbn", ("978-3-16-148410-0", "978-0-306-40615-7", "978-1-4028-9462-6", "979-10-90636-07-1"),
     lambda t: t.replace("-", "")),
    ("code", "size", "sku", ("TS-RED-XL", "TS-BLUE-S", "HD-GREEN-M", "TS-BLACK-XXL"), lambda t: t.split("-")[2]),

    ("case", "snake-from-camel", "name", ("customerName", "orderId", "totalNetAmount", "createdAt", "isPaid"),
     lambda t: re.sub("([A-Z])", lambda m: "_" + m[1].lower(), t)),
    ("case", "camel-from-snake", "name", ("customer_name", "order_id", "total_net_amount", "created_at", "is_paid"),
     lambda t: t.split("_")[0] + "".join(w.title() for w in t.split("_")[1:])),
    ("case", "pascal-from-words", "name", ("customer name", "order id", "total net amount", "created at"),
     lambda t: "".join(w.title() for w in t.split())),
    ("case", "words-from-camel", "name", ("CustomerName", "OrderId", "TotalNetAmount", "CreatedAt"),
     lambda t: re.sub("(?<=[a-z])([A-Z])", r" \1", t)),
    ("case", "constant", "name", ("max retry count", "time out", "base url", "is the user active"), lambda t: t.upper().replace(" ", "_")),
    ("case", "kebab-from-title", "name", ("Total Net Amount", "Order Id", "Customer Name", "Is Paid"), lambda t: t.lower().replace(" ", "-")),
    ("case", "sentence", "text", tuple(w.upper() for w in WORDS), lambda t: t.capitalize()),
    ("case", "city", "city", CITIES, title),

    ("price", "dollars", "amount", PRICES, lambda t: f"${float(half_up(t, 2)):,.2f}"),
    ("price", "euro-comma", "amount", PRICES, lambda t: f"{float(half_up(t, 2)):,.2f}".translate(str.maketrans(",.", ".,")) + " €"),
    ("price", "from-dollars", "price", ("$1,234.50", "$12.00", "$999,999.99", "$0.75"), lambda t: t[1:].replace(",", "")),
    ("price", "from-euro", "price", ("1.234,50 €", "12,00 €", "999.999,99 €", "0,75 €"), lambda t: t[:-2].replace(".", "").replace(",", ".")),
    ("price", "currency", "price", ("EUR 12.50", "USD 8.00", "JPY 1500", "CHF 20.00"), lambda t: t.split()[1] + " " + t.split()[0]),
    ("price", "cents", "price", ("12.50", "8.00", "0.05", "199.99"), lambda t: str(round(float(t) * 100))),
    ("price", "swiss-thousands", "n", ("1234567", "98765", "1000", "123456789", "12"), lambda t: f"{int(t):,}".replace(",", "'")),
    ("price", "spaced-thousands", "n", ("1234567", "98765", "1000", "123456789", "12"), lambda t: f"{int(t):,}".replace(",", " ")),
    ("price", "in-thousands", "n", ("1234567", "98765", "1000", "123456789"), lambda t: half_up(int(t) / 1000, 1) + "k"),
    ("price", "negative-in-brackets", "n", ("-12.50", "8.00", "-1234.00", "0.75", "-3.10"), lambda t: f"({t[1:]})" if t[0] == "-" else t),
    ("price", "with-tax", "net", ("100", "250", "80", "12", "1000"), lambda t: half_up(float(t) * 1.19, 2)),

    ("number", "percent", "share", ("0.125", "0.5", "0.07", "0.999", "0.2"), lambda t: half_up(float(t) * 100, 1) + "%"),
    ("number", "from-percent", "share", ("12.5%", "50%", "7%", "99.9%"), lambda t: number(float(t[:-1]) / 100, 6)),
    ("number", "two-decimals", "n", PRICES, lambda t: half_up(t, 2)),
    ("number", "ordinal", "n", ("1", "12", "23", "2", "111", "4", "33", "22"), lambda t: ordinal(int(t))),
    ("number", "parity", "n", ("12", "7", "100", "33", "8", "1", "56", "91"), lambda t: "odd" if int(t) % 2 else "even"),
    ("number", "sign", "n", ("-12", "7", "-0.5", "33", "-8.25", "1"), lambda t: "negative" if t[0] == "-" else "positive"),
    ("number", "absolute", "n", ("-12", "7", "-0.5", "33", "-8.25", "1"), lambda t: t.lstrip("-")),
    ("number", "in-words", "n", ("3", "7", "11", "1", "12", "5"), lambda t: NUMBERS[int(t)]),
    ("number", "from-words", "word", ("three", "seven", "eleven", "one", "twelve"), lambda t: str(NUMBERS.index(t))),
    ("number", "roman", "n", ("4", "9", "14", "1999", "2024", "6", "40"), lambda t: roman(int(t))),
    ("number", "tens", "age", ("37", "82", "5", "60", "19", "44"), lambda t: f"{int(t) // 10 * 10}-{int(t) // 10 * 10 + 9}"),
    ("number", "grade", "score", ("95", "62", "47", "88", "71", "99", "30", "65"), lambda t: "fail" if int(t) < 50 else "pass"),
    ("number", "weight-unit", "weight", ("12 kg", "7.5 kg", "100 kg", "0.25 kg"), lambda t: number(float(t[:-3]) * 1000) + " g"),
    ("number", "metres", "length", ("250 cm", "80 cm", "1234 cm", "5 cm"), lambda t: number(int(t[:-3]) / 100) + " m"),
    ("number", "megabytes", "bytes", ("2500000", "1000000", "123456789", "600000"), lambda t: half_up(int(t) / 1e6, 1) + " MB"),
    ("number", "first-of-several", "text", ("between 5 and 10 years", "between 12 and 15 years", "between 1 and 100 years"),
     lambda t: t.split()[1] + "-" + t.split()[3]),
    ("number", "scientific", "n", ("1.5e3", "2e6", "7.25e2", "1e9"), lambda t: str(int(float(t)))),
    ("number", "fahrenheit", "celsius", ("0", "100", "37", "-40", "21.5"), lambda t: number(float(t) * 1.8 + 32)),

    ("two", "sum", "a,b", (("12", "5"), ("7", "30"), ("100", "1"), ("45", "45"), ("3", "9")), lambda a, b: str(int(a) + int(b))),
    ("two", "difference", "begin,end", (("12", "50"), ("7", "30"), ("100", "101"), ("45", "95"), ("3", "9")), lambda a, b: str(int(b) - int(a))),
    ("two", "product", "price,count", (("12.50", "3"), ("7.25", "4"), ("99.99", "10"), ("0.5", "7"), ("20", "2")),
     lambda a, b: half_up(float(a) * int(b), 2)),
    ("two", "ratio", "done,all", (("3", "4"), ("10", "40"), ("7", "8"), ("1", "3"), ("5", "6"), ("2", "7")),
     lambda a, b: half_up(int(a) / int(b) * 100, 1) + "%"),
    ("two", "quotient", "miles,hours", (("120", "2"), ("330", "4"), ("55", "5"), ("100", "8"), ("7", "2")), lambda a, b: half_up(int(a) / int(b), 2)),
    ("two", "average", "a,b", (("12", "50"), ("7", "30"), ("100", "101"), ("45", "95"), ("3", "9")), lambda a, b: half_up((int(a) + int(b)) / 2, 1)),
    ("two", "larger", "a,b", (("12", "50"), ("70", "30"), ("100", "101"), ("95", "45"), ("9", "3"), ("8", "20")), lambda a, b: a if int(a) > int(b) else b),
    ("two", "change", "before,after", (("100", "120"), ("80", "60"), ("50", "75"), ("200", "190"), ("40", "44")),
     lambda a, b: f"{(int(b) / int(a) - 1) * 100:+.0f}%"),
    ("two", "same", "a,b", (("red", "red"), ("red", "blue"), ("green", "green"), ("up", "down"), ("x", "x"), ("left", "right")),
     lambda a, b: "yes" if a == b else "no"),
    ("two", "more", "old,new", (("12", "50"), ("70", "30"), ("100", "101"), ("95", "45"), ("9", "3"), ("8", "20")), lambda a, b: "up" if int(b) > int(a) else "down"),
    ("two", "coalesce", "mobile,home", (("555-0143", "555-0100"), ("", "555-0101"), ("555-0199", ""), ("", "555-0102"), ("555-0177", "555-0103")),
     lambda a, b: a or b),
    ("two", "last-filled", "a,b,c", (("x1", "y1", "z1"), ("x2", "y2", ""), ("x3", "", ""), ("x4", "y4", ""), ("x5", "y5", "z5"), ("x6", "", "")),
     lambda a, b, c: c or b or a),
    ("two", "joined", "a,b,c", (("red", "green", "blue"), ("one", "two", "three"), ("x", "y", "z"), ("up", "down", "left")),
     lambda *t: ", ".join(t[:2]) + " and " + t[2]),
    ("two", "joined-where-filled", "first,middle,last", (("Ada", "Byron", "Lovelace"), ("Grace", "", "Hopper"), ("Alan", "Curtis", "Kay"), ("Rosa", "", "Parks"),
                                                         ("Emmy", "Amalie", "Noether")), lambda *t: " ".join(w for w in t if w)),
    ("two", "contains", "text,word", (("red apples", "apple"), ("green pears", "apple"), ("some plums", "plum"), ("grapes", "pear"), ("a melon", "melon"),
                                      ("figs", "date")), lambda t, w: "yes" if w in t else "no"),
    ("two", "rest-after-prefix", "group,name", (("Fruit", "Fruit/Apple"), ("Bread", "Bread/Rye/Dark"), ("Fish", "Fish/Cod"), ("Meat", "Meat/Beef/Rib")),
     lambda g, n: n[len(g) + 1:]),

    ("date", "us", "date", DATES, lambda t: "{1}/{2}/{0}".format(*t.split("-"))),
    ("date", "german", "date", DATES, lambda t: "{2}.{1}.{0}".format(*t.split("-"))),
    ("date", "long", "date", DATES, lambda t: f"{MONTHS[int(t[5:7]) - 1]} {int(t[8:])}, {t[:4]}"),
    ("date", "ordinal-day", "date", DATES, lambda t: f"{ordinal(int(t[8:]))} of {MONTHS[int(t[5:7]) - 1]}"),
    ("date", "weekday", "date", DATES, lambda t: WEEKDAYS[datetime.date.fromisoformat(t).weekday()]),
    ("date", "weekend", "date", ("2024-03-02", "2024-03-04", "2024-03-10", "2024-03-06", "2024-03-16", "2024-03-15", "2024-03-17", "2024-03-21"),
     lambda t: "weekend" if datetime.date.fromisoformat(t).weekday() > 4 else "workday"),
    ("date", "week", "date", DATES, lambda t: "{}-W{:02}".format(*datetime.date.fromisoformat(t).isocalendar()[:2])),
    ("date", "quarter", "date", DATES, lambda t: f"{t[:4]} Q{(int(t[5:7]) + 2) // 3}"),
    ("date", "decade", "date", DATES, lambda t: t[:3] + "0s"),
    ("date", "century-out", "date", ("03/09/21", "12/24/19", "01/31/99", "07/04/05"), lambda t: "{2}-{0}-{1}".format(*t.split("/")[:2], ("19" if t[6] > "4" else "20") + t[6:])),
    ("date", "compact", "date", ("20210309", "20191224", "19990131", "20240229"), lambda t: f"{t[:4]}-{t[4:6]}-{t[6:]}"),
    ("date", "days-between", "from,to", (("2024-01-01", "2024-01-31"), ("2023-12-25", "2024-01-01"), ("2024-02-01", "2024-03-01"), ("2020-05-05", "2021-05-05")),
     lambda a, b: str((datetime.date.fromisoformat(b) - datetime.date.fromisoformat(a)).days)),
    ("date", "next-day", "date", DATES, lambda t: str(datetime.date.fromisoformat(t) + datetime.timedelta(1))),
    ("date", "due-in-thirty", "date", DATES, lambda t: str(datetime.date.fromisoformat(t) + datetime.timedelta(30))),
    ("date", "month-end", "date", DATES, lambda t: str((datetime.date.fromisoformat(t[:8] + "01") + datetime.timedelta(32)).replace(day=1) - datetime.timedelta(1))),
    ("date", "month-begin", "date", DATES, lambda t: t[:8] + "01"),
    ("date", "age", "born,on", (("1990-05-20", "2024-03-01"), ("1985-01-02", "2024-03-01"), ("2000-12-31", "2024-01-01"), ("1970-03-01", "2024-03-01"),
                                ("2010-07-07", "2023-08-08")), lambda a, b: str(int(b[:4]) - int(a[:4]) - (b[5:] < a[5:]))),
    ("date", "month-number", "month", ("March", "December", "May", "August", "January"), lambda t: str(MONTHS.index(t) + 1)),
    ("date", "season", "date", ("2021-01-09", "2019-04-24", "1999-07-31", "2024-10-29", "2005-02-04", "2016-05-15", "2023-08-01", "1987-11-22"),
     lambda t: "Q" + str((int(t[5:7]) + 2) // 3)),
    ("date", "from-text", "note", ("paid on 3 March 2021 by card", "paid on 12 May 2019 in cash", "paid on 30 June 2020 by card", "paid on 1 July 2022 by wire"),
     lambda t: datetime.datetime.strptime(" ".join(t.split()[2:5]), "%d %B %Y").strftime("%Y-%m-%d")),

    ("time", "to-24", "time", ("9:05 AM", "2:48 PM", "12:30 AM", "12:01 PM", "11:59 PM"), lambda t: datetime.datetime.strptime(t, "%I:%M %p").strftime("%H:%M")),
    ("time", "to-12", "time", ("09:05", "14:48", "00:30", "12:01", "23:59"), lambda t: datetime.datetime.strptime(t, "%H:%M").strftime("%I:%M %p").lstrip("0")),
    ("time", "hour-bucket", "time", ("09:05", "14:48", "00:30", "12:01", "22:59"), lambda t: f"{t[:2]}:00-{int(t[:2]) + 1:02}:00"),
    ("time", "part-of-day", "time", ("09:05", "14:48", "08:30", "18:01", "11:59", "12:30"), lambda t: "morning" if t < "12" else "afternoon"),
    ("time", "seconds-out", "time", ("09:05:33", "14:48:01", "00:30:59", "12:01:00"), lambda t: t[:5]),
    ("time", "to-minutes", "time", ("1:30", "0:45", "2:05", "10:00", "3:59"), lambda t: str(int(t.split(":")[0]) * 60 + int(t.split(":")[1]))),
    ("time", "from-seconds", "seconds", ("5400", "45", "3661", "86399", "600"), lambda t: duration(int(t))),
    ("time", "from-minutes", "minutes", ("90", "45", "125", "600", "61"), lambda t: f"{int(t) // 60}h {int(t) % 60}m"),
    ("time", "between", "begin,end", (("09:00", "17:30"), ("08:15", "12:00"), ("13:05", "14:00"), ("10:00", "18:45")),
     lambda a, b: str(int(b[:2]) * 60 + int(b[3:]) - int(a[:2]) * 60 - int(a[3:]))),
    ("time", "stamp", "stamp", ("2021-03-09T14:48:00Z", "2019-12-24T09:05:33Z", "1999-01-31T23:59:59Z", "2024-02-29T00:00:00Z"),
     lambda t: "{2}/{1}/{0} ".format(*t[:10].split("-")) + t[11:16]),

    ("text", "first-word", "text", WORDS, lambda t: t.split()[0]),
    ("text", "last-word", "text", WORDS, lambda t: t.split()[-1]),
    ("text", "count-words", "text", WORDS, lambda t: str(len(t.split()))),
    ("text", "count-letters", "text", WORDS, lambda t: str(len(t))),
    ("text", "count-items", "list", ("a,b,c", "one", "x,y", "p,q,r,s,t", "u,v,w,x"), lambda t: str(t.count(",") + 1)),
    ("text", "hashtags", "post", ("sun and #beach today #happy", "at #work", "#one #two #three go", "no more #coffee for me #sad"),
     lambda t: " ".join(re.findall("#[a-z]+", t))),
    ("text", "clean-spaces", "text", ("  a  b ", "one   two three ", " x", "many    more   words  here"), lambda t: " ".join(t.split())),
    ("text", "sorted", "list", ("pear,apple,fig", "b,a", "zoo,yes,xen,war", "one,two,three"), lambda t: ",".join(sorted(t.split(",")))),
    ("text", "without-repeats", "list", ("a,b,a,c", "x,x", "one,two,two,one,three", "p,q"), lambda t: ",".join(dict.fromkeys(t.split(",")))),
    ("text", "reversed-list", "list", ("a,b,c", "x,y", "one,two,three,four", "p"), lambda t: ",".join(reversed(t.split(",")))),
    ("text", "in-brackets", "text", ("Mercury (planet)", "Java (island)", "Turkey (bird) photo", "Python (snake)"), lambda t: t.split("(")[1].split(")")[0]),
    ("text", "without-brackets", "text", ("Mercury (planet)", "Java (island)", "Turkey (bird)", "Crane (machine)"), lambda t: t.split(" (")[0]),
    ("text", "quoted", "text", ('he said "hello" to me', 'the "big one" is here', 'a "b" c', 'it was "odd" they said'), lambda t: t.split('"')[1]),
    ("text", "shortened", "text", ("The quick brown fox jumps", "A stitch in time saves nine", "Every cloud has a silver lining", "No pain without some gain"),
     lambda t: t[:10] + "..."),
    ("text", "plural", "count,thing", (("1", "apple"), ("2", "pear"), ("1", "plum"), ("10", "fig"), ("5", "nut")), lambda n, t: f"{n} {t}" + ("" if n == "1" else "s")),
    ("text", "bullet", "list", ("red; green; blue", "one; two", "x; y; z; w", "solo"), lambda t: t.replace("; ", " / ")),
    ("text", "no-digits", "text", ("abc123", "4u2", "x9y8z7", "r0om"), lambda t: re.sub("[0-9]", "", t)),
    ("text", "no-vowels", "text", ("banana", "apple", "queue", "rhythm", "umbrella"), lambda t: re.sub("[aeiou]", "", t)),
    ("text", "no-marks", "text", ("Hello, world!", "it's (very) good.", "a-b_c", "what?! no..."), lambda t: re.sub("[^A-Za-z0-9 ]", "", t)),
    ("text", "key-value", "text", ("name=Ada;age=36", "name=Grace;age=85", "name=Alan;age=41", "name=Rosa;age=92"), lambda t: t.split(";")[1].split("=")[1]),
    ("text", "log-level", "line", ("12:00 [INFO] started", "12:01 [WARN] slow disk", "12:05 [ERROR] disk is full", "12:06 [DEBUG] x=1"),
     lambda t: t.split("[")[1].split("]")[0]),
    ("text", "version", "text", ("release v1.2.3 is out", "get v10.0.1 now", "old v0.9.12 here", "the v2.0.0 branch"), lambda t: re.search("v([0-9.]+)", t)[1]),
    ("text", "major", "version", ("1.2.3", "10.0.1", "0.9.12", "2.0.0-rc1"), lambda t: t.split(".")[0]),
    ("text", "repeat-first", "word", ("cat", "dog", "house", "tree"), lambda t: t[0].upper() + "-" + t),

    ("choice", "yes-no", "reply", ("Y", "N", "Y", "N", "N", "Y"), lambda t: {"Y": "yes", "N": "no"}[t]),
    ("choice", "size", "litres", ("0.3", "0.5", "1.5", "2", "0.33", "1", "0.75"), lambda t: "large" if float(t) >= 1 else "small"),
    ("choice", "domestic", "country", ("US", "DE", "US", "FR", "JP", "US", "KE"), lambda t: "domestic" if t == "US" else "international"),
    ("choice", "three-levels", "score", ("95", "62", "20", "88", "41", "75", "10", "55", "99", "33"), lambda t: "high" if int(t) >= 80 else "mid" if int(t) >= 40 else "low"),
    ("choice", "by-prefix", "code", ("P-1234", "S-99", "P-7", "S-1000", "P-55", "S-2"), lambda t: "product" if t[0] == "P" else "service"),
    ("choice", "empty-is-unknown", "value", ("red", "", "blue", "", "green"), lambda t: t or "unknown"),

    # Written when the search stood, to see what it does with tasks it was not made with: 18 of 29 at first.
    ("later", "license","plate",("ABC 1234","XY 99","LMN 777","Q 1"),lambda t:t.replace(" ","").lower()),
    ("later", "username","name",("Ada Lovelace","Grace Hopper","Alan Kay","Rosa Parks"),lambda t:(t.split()[0][0]+t.split()[1][:5]).lower()),
    ("later", "time-zone","time",("09:00","14:30","23:15","00:45","22:10"),lambda t:f"{(int(t[:2])+2)%24:02}{t[2:]}"),
    ("later", "unit-price","total,qty",(("30","4"),("99","3"),("12.5","5"),("7","2")),lambda a,b:f"${float(a)/int(b):.2f}"),
    ("later", "vat-of","gross",("119","238","59.5","1190","47.6"),lambda t:f"{float(t)/1.19*0.19:.2f}"),
    ("later", "discount","price,percent",(("100","20"),("80","25"),("50","10"),("200","5")),lambda p,d:f"{float(p)*(100-int(d))/100:.2f}"),
    ("later", "bmi","kg,m",(("70","1.75"),("90","1.80"),("60","1.65"),("82","1.9")),lambda k,m:f"{float(k)/float(m)**2:.1f}"),
    ("later", "area","size",("3x4","10x2","7x7","12x5"),lambda t:str(int(t.split('x')[0])*int(t.split('x')[1]))),
    ("later", "range-width","range",("3-14","10-20","7-9","12-500"),lambda t:str(int(t.split('-')[1])-int(t.split('-')[0]))),
    ("later", "sum-in-cell","list",("1,2,3","10,20","5","7,7,7,7"),lambda t:str(sum(map(int,t.split(','))))),
    ("later", "ext-upper","file",("a.txt","photo.jpeg","x.tar.gz","notes.md"),lambda t:t.split('.')[-1].upper()+" file"),
    ("later", "thousands-k","n",("1500","20000","999000","1000"),lambda t:f"{int(t)/1000:g}K"),
    ("later", "ampersand","a,b",(("salt","pepper"),("rock","roll"),("fish","chips"),("mac","cheese")),lambda a,b:f"{a.title()} & {b.title()}"),
    ("later", "last-token-num","t",("Total: 45 items","Sum: 7 items","All: 120 items"),lambda t:t.split()[1]),
    ("later", "strip-unit","t",("12px","7.5em","100%","3rem"),lambda t:re.match(r"[\d.]+",t)[0]),
    ("later", "hours-decimal","t",("1:30","2:15","0:45","10:00"),lambda t:f"{int(t.split(':')[0])+int(t.split(':')[1])/60:.2f}"),
    ("later", "date-slash-short","d",("5 Jan 2021","14 Feb 2020","30 Dec 1999","1 Aug 2005"),lambda t:datetime.datetime.strptime(t,"%d %b %Y").strftime("%d/%m/%y")),
    ("later", "year-month","d",("2021-03-09","2019-12-24","1999-01-31"),lambda t:t[:7].replace("-","")),
    ("later", "fiscal","d",("2021-03-09","2019-12-24","1999-01-31","2024-10-01","2005-08-30","2011-07-01"),lambda t:"FY"+str(int(t[:4])+(int(t[5:7])>=7))),
    ("later", "greeting","n,c",(("Ada","London"),("Bo","Paris"),("Cy","Rome")),lambda n,c:f"Dear {n} of {c},"),
    ("later", "bool","v",("true","false","true","false","true"),lambda t:"1" if t=="true" else "0"),
    ("later", "yn","v",("yes","no","Yes","NO","yes"),lambda t:t[0].upper()),
    ("later", "mac","m",("00:1A:2B:3C:4D:5E","AA:BB:CC:DD:EE:FF","12:34:56:78:9A:BC"),lambda t:t.replace(":","-").lower()),
    ("later", "ip-net","ip",("192.168.1.10","10.0.0.7","172.16.254.1"),lambda t:".".join(t.split(".")[:3])+".0/24"),
    ("later", "quoted-name","n",("Ada 'Countess' Lovelace","Al 'Scarface' Capone","Bo 'Kid' Diaz"),lambda t:t.split("'")[1]),
    ("later", "isbn-group","n",("9783161484100","9780306406157","9781402894626"),lambda t:f"{t[:3]}-{t[3:12]}-{t[12]}"),
    ("later", "ssn-mask","s",("123-45-6789","987-65-4321","111-22-3333"),lambda t:"***-**-"+t[-4:]),
    ("later", "temp-range","lo,hi",(("-3","5"),("0","10"),("12","25")),lambda a,b:f"{a}°C to {b}°C"),
    ("later", "invoice","n,y",(("7","2021"),("42","2022"),("123","2023")),lambda n,y:f"INV-{y}-{n.zfill(4)}"),
    ("later", "older","a,b",(("2001-05-03","1999-01-01"),("1980-02-02","1990-07-07"),("2010-10-10","2011-11-11"),("1970-01-01","1969-12-31")),lambda a,b:min(a,b)),
    ("later", "pass-all","m,e",(("60","70"),("40","90"),("80","30"),("55","51"),("90","95"),("20","10")),lambda a,b:"pass" if int(a)>=50 and int(b)>=50 else "fail"),
    ("later", "max-of-three","a,b,c",(("1","5","3"),("9","2","4"),("6","7","8"),("10","3","20"),("5","50","15")),lambda *t:str(max(map(int,t)))),
    ("later", "wordcase","t",("HELLO world","Foo BAR","bAz qux"),lambda t:t.swapcase() if 0 else t.title()),
    ("later", "acronym","t",("National Aeronautics and Space Administration","Light Amplification by Stimulated Emission of Radiation","North Atlantic Treaty Organization","World Health Organization"),lambda t:"".join(w[0] for w in t.split() if w[0].isupper())),
    ("later", "dedupe-spaces-dash","t",("a  b","c   d e","f g"),lambda t:"-".join(t.split())),
    ("later", "decimal-time","s",("125","61","3600","59"),lambda t:f"{int(t)//60}:{int(t)%60:02}"),
    ("later", "euro-sum","a,b",(("1,50","2,25"),("10,00","0,99"),("7,77","1,11"),("100,10","20,20")),lambda a,b:f"{float(a.replace(',','.'))+float(b.replace(',','.')):.2f}".replace('.',',')),
    ("later", "html","t",("<b>bold</b>","<i>it</i>","<p>para graph</p>"),lambda t:re.sub("<.*?>","",t)),
    ("later", "csvline","a,b",(("x","1"),("y z","2"),("w","33")),lambda a,b:f'"{a}",{b}'),
    ("later", "contains-at","t",("a@b.c","nobody","x@y.z","none","q@r.s"),lambda t:"mail" if "@" in t else "other"),
    ("later", "len-check","t",("abcd","ab","abcdefgh","a","abcde","abc"),lambda t:"long" if len(t)>3 else "short"),
    ("later", "first-line","t",("one\ntwo","alpha\nbeta\ngamma","x\ny"),lambda t:t.split("\n")[0]),
    ("later", "usd-eur","usd",("10","25","100","3"),lambda t:f"{float(t)*0.92:.2f}"),
    ("later", "km","mi",("1","5","26.2","100"),lambda t:f"{float(t)*1.60934:.1f}"),
    ("later", "century","y",("1999","2001","1850","1492"),lambda t:str((int(t)-1)//100+1)),
    ("later", "weekday-short","d",("2021-03-09","2019-12-24","1999-01-31"),lambda t:datetime.date.fromisoformat(t).strftime("%a")),

    # The same, later on: 22 of 32 tables at first. Those that have another above are left out.
    ("fresh", "sort-name", "name", ("Dr. Maria Keller", "Prof. John Smith", "Mr. Ahmed Said", "Dr. Li Wei", "Mrs. Anna-Lena Vogt", "Prof. Tom O'Brien"),
     lambda t: t.split()[2] + ", " + t.split()[1]),
    ("fresh", "long-date", "date", ("Tuesday, 3 March 2020", "Friday, 17 July 2020", "Monday, 1 January 2018", "Saturday, 24 December 2022", "Sunday, 9 May 2021"),
     lambda t: datetime.datetime.strptime(t, "%A, %d %B %Y").strftime("%Y-%m-%d")),
    ("fresh", "dial", "phone", ("(415) 555-2671", "212-555-0199", "303.555.0144", "650 555 0100", "(206)555-0111"), lambda t: "+1" + re.sub(r"\D", "", t)),
    ("fresh", "euro", "price", ("EUR 1.234,50", "EUR 99,00", "EUR 12.000,75", "EUR 1.000.000,00", "EUR 5,10"), lambda t: t[4:].replace(".", "").replace(",", ".")),
    ("fresh", "town", "address", ("12 High St, Leeds, LS1 4AP", "5 Mill Lane, Oxford, OX1 2JD", "Flat 2, 9 Park Rd, York, YO1 7HU", "77 Kings Ave, Bath, BA2 6AA", "Unit 4, 1 Dock St, Hull, HU1 1UU"),
     lambda t: t.split(", ")[-2]),
    ("fresh", "host", "url", ("https://www.example.com/a/b?c=1", "http://blog.test.org/", "https://www.site.net:8080/x", "http://foo.bar.io/index.html", "https://www.shop.co.uk/cart"),
     lambda t: re.split("[/:]", t.split("//")[1])[0].removeprefix("www.")),
    ("fresh", "centimetres", "size", ("1.2 m", "85 cm", "2.05 m", "40 cm", "0.5 m"), lambda t: t.split()[0] if "cm" in t else f"{float(t.split()[0]) * 100:g}"),
    ("fresh", "shipping", "total,country", (("30", "US"), ("120", "DE"), ("99", "US"), ("150", "DE"), ("100", "US"), ("80", "FR"), ("10", "US")),
     lambda t, c: "0" if int(t) >= 100 else "5"),
    ("fresh", "week-of", "date", ("2024-01-01", "2023-01-01", "2021-07-15", "2020-12-31", "2025-12-29"), lambda t: "{}-W{:02}".format(*datetime.date.fromisoformat(t).isocalendar())),
    ("fresh", "stem", "path", ("ann/report.final.pdf", "/var/log/syslog.1", "x/y/notes.txt", "data/q/a.b.c.csv", "/etc/hosts.bak"), lambda t: t.split("/")[-1].rsplit(".", 1)[0]),
    ("fresh", "sku-label", "sku", ("ab-00012-red", "cd-00340-blue", "ef-07001-green", "gh-00009-black", "ij-12345-white"), lambda t: f"{t.split('-')[2].title()} #{int(t.split('-')[1])}"),
    ("fresh", "h-m-s", "seconds", ("3661", "59", "7200", "86399", "125"), lambda t: f"{int(t) // 3600}h {int(t) // 60 % 60}m {int(t) % 60}s"),
    ("fresh", "middle", "range", ("10-20", "0-5", "100-300", "7-8", "40-60"), lambda t: f"{sum(map(int, t.split('-'))) / 2:g}"),
    ("fresh", "hidden", "card", ("4111111111111111", "340000000000009", "5500005555555559", "30000000000004", "6011000990139424"), lambda t: "*" * (len(t) - 4) + t[-4:]),
    ("fresh", "field-label", "field", ("firstName", "dateOfBirth", "zipCode", "homeAddressLine", "id"), lambda t: re.sub("([A-Z])", r" \1", t).capitalize()),
    ("fresh", "file-size", "size", ("1 KB", "2 MB", "3 KB", "5 MB", "10 KB"), lambda t: str(int(t.split()[0]) * (1024 if "K" in t else 1048576))),
    ("fresh", "degrees", "angle", ("40° 30' N", "10° 15' N", "5° 45' S", "60° 0' S", "33° 30' N"),
     lambda t: ("-" if "S" in t else "") + f"{int(t.split('°')[0]) + int(t.split()[1][:-1]) / 60:g}"),
    ("fresh", "full-years", "born,on", (("1990-05-20", "2020-05-19"), ("1990-05-20", "2020-05-20"), ("1985-12-31", "2021-01-01"), ("2000-02-29", "2021-02-28"), ("1970-01-01", "2020-06-15")),
     lambda a, b: str(int(b[:4]) - int(a[:4]) - (b[5:] < a[5:]))),
    ("fresh", "login-department", "name,department", (("Ann Lee", "Sales"), ("Bob Stone", "IT"), ("Cy Young", "Marketing"), ("Di Ray", "HR"), ("Ed Norton", "Finance")),
     lambda n, d: f"{n[0]}{n.split()[1]}-{d[:3]}".upper()),
    ("fresh", "next-version", "version", ("1.2.3", "0.9.9", "10.0.0", "2.5.19", "3.0.1"), lambda t: t.rsplit(".", 1)[0] + "." + str(int(t.rsplit(".", 1)[1]) + 1)),
    ("fresh", "name-of-address", "mail", ("john.smith@x.com", "mary-jane.watson@y.org", "peter_parker@z.net", "bruce.wayne@w.com", "clark_kent@dp.com"),
     lambda t: re.sub("[._]", " ", t.split("@")[0]).title()),
    ("fresh", "yes-of-any-case", "reply", ("Yes", "no", "YES", "No", "yes"), lambda t: str(t.lower() == "yes").upper()),

    # And once more: 51 of 74 tables at first. Those that have another above, or that three rows leave open, are left out.
    ("again", "login", "name", ("Ada Lovelace", "Grace Hopper", "Jean-Luc Picard", "Miles O'Brien", "Kira Nerys", "Tom de la Cruz"),
     lambda t: (t[0] + t.split()[-1].replace("'", "")).lower() + "@example.com"),
    ("again", "minutes", "time", ("3h 25m", "1h 5m", "0h 45m", "12h 0m", "2h 30m", "10h 59m"), lambda t: str(int(t.split("h")[0]) * 60 + int(t.split()[1][:-1]))),
    ("again", "megabytes", "size", ("1.5 GB", "200 MB", "2 GB", "512 MB", "0.25 GB", "10 MB"), lambda t: f"{float(t.split()[0]) * (1024 if 'G' in t else 1):g}"),
    ("again", "host", "url", ("https://www.example.com/a", "http://blog.site.org/x?y=1", "https://www.foo.co.uk", "http://bar.net/", "https://api.qux.dev/v1/z"),
     lambda t: t.split("/")[2].removeprefix("www.")),
    ("again", "slug", "title", ("Hello, World!", "It's a Nice Day", "C++ & Rust", "One  Two", "Foo/Bar: Baz?", "Don't Panic!"),
     lambda t: "-".join(re.findall("[a-z]+", t.lower().replace("'", "")))),
    ("again", "celsius", "f", ("32", "212", "98.6", "0", "50", "-40", "75"), lambda t: f"{(float(t) - 32) * 5 / 9:.1f}"),
    ("again", "tags", "text", ("I love #cats and #dogs", "#one", "no tags but #two here #three #four", "#x #y", "go #team! and #win."),
     lambda t: ", ".join(re.findall(r"#(\w+)", t))),
    ("again", "handles", "text", ("thanks @ada and @grace!", "@bob", "cc @x1 @y2 @z3", "hi @tim, @tom", "no one but @me"), lambda t: "; ".join(re.findall(r"@(\w+)", t))),
    ("again", "country", "place", ("Paris (France)", "Rome (Italy)", "Berlin (Germany) [old]", "Oslo (Norway)", "New York (United States)"), lambda t: t.split("(")[1].split(")")[0]),
    ("again", "points", "won,drawn,lost", (("3", "1", "0"), ("2", "2", "5"), ("0", "4", "1"), ("10", "0", "2"), ("5", "5", "5"), ("1", "0", "9")), lambda w, d, _: str(3 * int(w) + int(d))),
    ("again", "inches", "height", ("5'11\"", "6'2\"", "4'9\"", "5'0\"", "7'1\""), lambda t: str(int(t[0]) * 12 + int(t[2:-1]))),
    ("again", "hours", "time", ("2d 3h", "1d 0h", "0d 12h", "5d 1h", "10d 10h"), lambda t: str(int(t.split("d")[0]) * 24 + int(t.split()[1][:-1]))),
    ("again", "kilograms", "lb", ("100", "150", "200", "33", "250", "1"), lambda t: f"{float(t) * 0.45359237:.1f}"),
    ("again", "metres-a-second", "kmh", ("36", "100", "50", "18", "120", "90"), lambda t: f"{float(t) / 3.6:.1f}"),
    ("again", "quoted-path", "line", ('GET "/index.html" 200', 'POST "/api/v1/users" 201', 'GET "/" 301', 'PUT "/a b/c" 404', 'DELETE "/x?y=1&z=2" 204'), lambda t: t.split('"')[1]),
    ("again", "without-doctor", "name", ("Dr. Ada Lovelace", "Grace Hopper", "Dr. Alan Turing", "Linus Torvalds", "Dr. Donald Knuth"), lambda t: t.removeprefix("Dr. ")),
    ("again", "mail-host", "mail", ("ada@example.com", "bob.smith@my-site.org", "x@foo.co.uk", "kim@bar.net", "lee@baz.io"), lambda t: t.split("@")[1].split(".")[0].title()),
    ("again", "mail-name", "mail", ("ada.lovelace@x.com", "bob_smith@y.org", "grace.hopper@z.net", "tim-cook@a.com", "alan.m.turing@b.uk"), lambda t: re.sub("[._-]", " ", t.split("@")[0]).title()),
    ("again", "query-id", "url", ("https://x.com/a?id=12&b=3", "https://x.com/?b=3&id=7", "http://y.org/p/q?id=900", "http://z.net?c=1&id=55&d=2", "https://w.io/r?x=9&id=3"), lambda t: re.search(r"id=(\d+)", t)[1]),
    ("again", "gender", "name", ("Mr. Smith", "Ms. Jones", "Mrs. Brown", "Mr. Green", "Ms. White"), lambda t: "M" if t.startswith("Mr. ") else "F"),
    ("again", "angle", "angle", ("40°26'46\"", "12°30'0\"", "1°15'36\"", "5°6'7\"", "33°3'30\""), lambda t: "{:.4f}".format(sum(float(n) / 60 ** i for i, n in enumerate(re.findall(r"\d+", t))))),
    ("again", "account", "iban", ("DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300", "BE68539007547034"),
     lambda t: re.sub("(.{4})(?=.)", r"\1 ", t)),
    ("again", "card", "number", ("4111111111111111", "5500 0055 5555 5559", "6011000000000004", "3400-0000-0000-009", "30000000000004"),
     lambda t: re.sub("(.{4})(?=.)", r"\1-", re.sub(r"\D", "", t))),
    ("again", "percent-change", "old,new", (("100", "120"), ("80", "60"), ("50", "75"), ("200", "210"), ("40", "30")), lambda a, b: f"{(int(b) / int(a) - 1) * 100:+.0f}%"),
    ("again", "word-count", "text", ("the quick brown fox", "hello", "to be or not to be", "a b", "one two three"), lambda t: str(len(t.split()))),
)


def write(folder):
    os.makedirs(folder, exist_ok=True)
    for kind, name, columns, inputs, answer in TASKS:
        with open(os.path.join(folder, f"{kind}.{name}.csv"), "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(columns.split(",") + ["answer"])
            for row in inputs:
                cells = row if isinstance(row, tuple) else (row,)
                out.writerow([*cells, answer(*cells)])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    write(sys.argv[1])
