"""Emitted code, run as its users would: what each language makes of a table, beside what hasten makes of it."""

import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from xml.sax.saxutils import escape


def as_csv(header, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def column(text, name):
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return [row[header.index(name)] for row in rows]


def script(interpreter):
    """Reads the table on standard input, writes it completed."""
    def answers(code, program, rows, folder):
        path = os.path.join(folder, "program")
        with open(path, "w", encoding="utf-8") as file:
            file.write(code)
        table = as_csv([*program["inputs"], program["output"]], [[*row, ""] for row in rows])
        return column(subprocess.run([interpreter, path], input=table, stdout=subprocess.PIPE, check=True, text=True).stdout,
                      program["output"])
    return answers


def sql(code, program, rows, _folder):
    """A statement over the table data, whose last column is the answer."""
    database = sqlite3.connect(":memory:")
    names = ['"' + name.replace('"', '""') + '"' for name in program["inputs"]]
    database.execute(f"CREATE TABLE data ({', '.join(name + ' TEXT' for name in names)})")
    database.executemany(f"INSERT INTO data VALUES ({', '.join('?' * len(names))})", rows)
    return ["" if row[-1] is None else str(row[-1]) for row in database.execute(code)]


WORKBOOK = {
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/sheet.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>""",
    "_rels/.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>
</workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship
Id="r1" Target="sheet.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>""",
}


QUOTED = r'"(?:[^"]|"")*"'


def bindings(formula):
    """The names that a formula binds with what they stand for, and last, without a name, the formula that uses them."""
    if not formula.startswith("=LET("):
        return [("", formula[1:])]
    parts, depth = [""], 0
    for token in re.findall(QUOTED + "|.", formula[5:-1], re.DOTALL):
        depth += (token in "({") - (token in ")}")
        if token == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [*zip(parts[:-1:2], parts[1:-1:2]), ("", parts[-1])]


def cell(column, row):
    return (chr(ord("A") + column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26) + str(row)


def excel(code, program, rows, folder):
    """A formula for row 2, with the inputs as texts in columns A, B, …; filled down, as a user would, and computed by Gnumeric. That
    has no LET: a name is a cell, too."""
    inputs, bound = len(program["inputs"]), bindings(code.strip())
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    for number, row in enumerate(rows, 2):
        cells = {cell(i, 2): cell(i, number) for i in range(inputs)}
        sheet += f'<row r="{number}">' + "".join(
            f'<c r="{cell(i, number)}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
            for i, text in enumerate(row))
        for column, (name, formula) in enumerate(bound, inputs):
            at = cells[name] = cell(column, number)
            formula = re.sub(QUOTED + r"|\w+", lambda word: cells.get(word[0], word[0]), formula)
            sheet += f'<c r="{at}"><f t="array" ref="{at}">{escape(formula)}</f></c>'
        sheet += "</row>"
    book, computed = os.path.join(folder, "book.xlsx"), os.path.join(folder, "book.csv")
    with zipfile.ZipFile(book, "w") as file:
        for path, text in {**WORKBOOK, "xl/sheet.xml": sheet + "</sheetData></worksheet>"}.items():
            file.writestr(path, text)
    subprocess.run(["ssconvert", "--recalc", book, computed], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(computed, encoding="utf-8", newline="") as file:
        return [row[-1] for row in csv.reader(file)][-len(rows):]


# The language, what must be installed, how its code is run.
LANGUAGES = (
    ("python", "python3", script("python3")),
    ("js", "node", script("node")),
    ("sh", "awk", script("sh")),
    ("sql", None, sql),
    ("excel", "ssconvert", excel),
)


def outcomes(hasten, path, timeout):
    """For each language that runs here: None where it refuses the program found, else whether it gives hasten's own answers. Nothing
    where no program is found."""
    with tempfile.TemporaryDirectory() as folder:
        saved, asking = os.path.join(folder, "p.json"), os.path.join(folder, "asking.csv")
        search = [hasten, "solve", path, "--timeout", str(timeout), "--header", "yes", "--accept", "--no-log", "--save",
                  saved]
        if subprocess.run(search, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            return {}
        with open(saved, encoding="utf-8") as file:
            program = json.load(file)
        with open(path, encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        rows = [[row[name] for name in program["inputs"]] for row in table]
        with open(asking, "w", encoding="utf-8") as file:  # every row, the given ones too
            file.write(as_csv([*program["inputs"], program["output"]], [[*row, ""] for row in rows]))
        apply = [hasten, "solve", "--apply", saved, "--header", "yes"]
        wanted = column(subprocess.run([*apply, asking], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                                       text=True).stdout, program["output"])
        found = {}
        for language, needs, answers in LANGUAGES:
            if needs and not shutil.which(needs):
                continue
            said = subprocess.run([*apply, asking, "--emit", language], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            try:
                found[language] = answers(said.stdout, program, rows, folder) == wanted if said.returncode == 0 else None
            except (subprocess.CalledProcessError, sqlite3.Error):
                found[language] = False
        return found
