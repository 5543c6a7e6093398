// Tables as files: CSV, TSV and JSON Lines, read as people and spreadsheets write them, written back the same way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/encoding.h"

namespace hasten {

enum class TableFormat : uint8_t { kCsv, kTsv, kJsonLines };
Result<TableFormat> TableFormatNamed(std::string_view name);  // "csv", "tsv", "jsonl"

struct Field {
  std::string text;
  bool quoted = false;   // an empty field in quotes is a value, one without is nothing
  bool missing = false;  // null, or not there at all
};

struct Table {
  TableFormat format = TableFormat::kCsv;
  char separator = ',';
  Encoding encoding = Encoding::kUtf8;
  std::string line_end = "\n";           // of its first line: LF, CR LF or CR
  bool ends_line = true;                 // is there one behind the last row?
  bool header = false;                   // a first row of names was read, and is to be written
  std::vector<std::string> columns;      // names; "column1"… where the file has none
  std::vector<bool> quoted_names;        // which names stood in quotes
  std::vector<std::vector<Field>> rows;  // each as long as `columns`; a short row's end is missing
  std::vector<size_t> lines;             // where each row begins, from 1
};

struct TableOptions {
  std::optional<TableFormat> format;  // else by the ending of `path`, else by what the text looks like
  std::optional<bool> header;         // else by what the first row looks like
  std::string path;
};

// Takes a byte order mark, UTF-16 and Windows-1252, quotes in quotes, line breaks in quotes, CR LF, separators , ; tab and |.
// kCorrupt names the line: a quote never closed, a row longer than the header, JSON that is none. kBadInput: no rows.
Result<Table> ReadTable(std::string bytes, const TableOptions& options);
// The table as UTF-8 with the separator, line ends and quotes it was read with; EncodeText takes it back to its encoding.
std::string WriteTable(const Table& table);

}  // namespace hasten
