#include "text/table.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/quote.h"
#include "text/encoding.h"
#include "text/json.h"

namespace hasten {

namespace {

// One row of separated fields; moves `at` behind its line break.
class RowReader {
 public:
  RowReader(std::string_view text, char separator) : text_(text), separator_(separator) {}
  bool Done() const { return at_ >= text_.size(); }
  size_t line() const { return line_; }
  std::string_view line_end() const { return line_end_; }  // the first
  bool ends_line() const { return ends_line_; }            // did the last row read have one?

  Result<std::vector<Field>> Next() {
    std::vector<Field> row;
    const size_t begun = line_;
    while (true) {
      Field field;
      if (at_ < text_.size() && text_[at_] == '"' && separator_ != '\0') {
        if (!Quoted(field)) {
          return Error{Code::kCorrupt,
                       Fmt("line %zu: a quote that is never closed; write \"\" for a quote inside of quotes", begun)};
        }
      }
      while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r')
        field.text += text_[at_++];
      row.push_back(std::move(field));
      if (at_ < text_.size() && text_[at_] == separator_) {
        ++at_;
        continue;
      }
      const size_t end = at_;
      if (at_ < text_.size() && text_[at_] == '\r') ++at_;
      if (at_ < text_.size() && text_[at_] == '\n') ++at_;
      if (line_ == 1 || line_end_.empty()) line_end_ = text_.substr(end, at_ - end);
      ends_line_ = at_ > end;
      ++line_;
      return row;
    }
  }

 private:
  bool Quoted(Field& field) {
    field.quoted = true;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '"') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '"') return true;
      }
      field.text += text_[at_];
    }
    return false;
  }

  std::string_view text_;
  const char separator_;
  std::string_view line_end_;
  bool ends_line_ = true;
  size_t at_ = 0, line_ = 1;
};

bool Blank(const std::vector<Field>& row) { return row.size() == 1 && row[0].text.empty() && !row[0].quoted; }

// The separator that the first lines have equally often, at least once; ',' where none is.
char GuessSeparator(std::string_view text) {
  char best = ',';
  size_t most = 0;
  for (const char separator : {',', '\t', ';', '|'}) {
    RowReader reader(text, separator);
    std::map<size_t, size_t> counts;
    for (size_t n = 0; n < 20 && !reader.Done(); ++n) {
      const auto row = reader.Next();
      if (!row) break;
      if (!Blank(*row)) ++counts[row->size()];
    }
    for (const auto& [fields, rows] : counts) {
      const size_t score = fields > 1 ? rows * 100 + fields : 0;
      if (score > most) {
        most = score;
        best = separator;
      }
    }
  }
  return best;
}

bool LooksLikeData(std::string_view text) {
  const bool digit = std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool letter = std::any_of(text.begin(), text.end(), [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; });
  return text.empty() || (digit && !letter) || text.size() > 60 || text.find('@') != std::string_view::npos;
}

// Names are short, differ, and are not numbers, dates or addresses.
bool LooksLikeHeader(const std::vector<std::vector<Field>>& rows) {
  std::set<std::string> names;
  for (const Field& f : rows[0]) {
    if (LooksLikeData(f.text) || !names.insert(f.text).second) return false;
  }
  return rows.size() > 1;
}

Status ReadSeparated(std::string_view text, const TableOptions& options, Table& table) {
  RowReader reader(text, table.separator);
  while (!reader.Done()) {
    const size_t line = reader.line();
    TRY(auto row, reader.Next());
    if (Blank(row)) continue;
    table.rows.push_back(std::move(row));
    table.lines.push_back(line);
  }
  if (table.rows.empty()) return Error{Code::kBadInput, "no rows: an empty table"};
  if (!reader.line_end().empty()) table.line_end = reader.line_end();
  table.ends_line = reader.ends_line();
  table.header = options.header.value_or(LooksLikeHeader(table.rows));
  size_t width = table.rows[0].size();
  if (table.header) {
    for (const Field& f : table.rows[0]) {
      table.columns.push_back(f.text);
      table.quoted_names.push_back(f.quoted);
    }
    table.rows.erase(table.rows.begin());
    table.lines.erase(table.lines.begin());
  } else {
    for (const auto& row : table.rows) width = std::max(width, row.size());
    for (size_t i = 0; i < width; ++i) table.columns.push_back("column" + std::to_string(i + 1));
  }
  for (size_t r = 0; r < table.rows.size(); ++r) {
    auto& row = table.rows[r];
    while (row.size() > width && row.back().text.empty() && !row.back().quoted) row.pop_back();
    if (row.size() > width) {
      return Error{Code::kCorrupt,
                   Fmt("line %zu: %zu fields where the header has %zu; quote a field that holds the separator '%s'",
                       table.lines[r], row.size(), width, Printable(std::string(1, table.separator)).c_str())};
    }
    while (row.size() < width) row.push_back({{}, false, true});
  }
  return {};
}

Field FieldOf(const nlohmann::ordered_json& value) {
  if (value.is_null()) return {{}, false, true};
  if (value.is_string()) return {value.get<std::string>(), true, false};
  return {value.dump(), false, false};
}

Status ReadJsonLines(std::string_view text, Table& table) {
  table.header = true;
  table.ends_line = text.ends_with('\n');
  size_t line = 0;
  std::map<std::string, size_t> index;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (++line == 1 && one.ends_with('\r')) table.line_end = "\r\n";
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto object = ParseJson(one, 64);
    if (!object || !object->is_object()) {
      return Error{Code::kCorrupt, Fmt("line %zu: %s", line, object ? "not an object" : object.error().what.c_str())};
    }
    std::vector<Field> row(table.columns.size(), Field{{}, false, true});
    for (const auto& [name, value] : object->items()) {
      const auto [column, is_new] = index.try_emplace(name, table.columns.size());
      if (is_new) {
        table.columns.push_back(name);
        row.emplace_back();
      }
      row[column->second] = FieldOf(value);
    }
    table.rows.push_back(std::move(row));
    table.lines.push_back(line);
  }
  if (table.rows.empty()) return Error{Code::kBadInput, "no rows: an empty table"};
  for (auto& row : table.rows) row.resize(table.columns.size(), Field{{}, false, true});
  return {};
}

TableFormat GuessFormat(const std::string& path, std::string_view text) {
  const auto ends = [&](std::string_view suffix) { return path.size() > suffix.size() && path.ends_with(suffix); };
  if (ends(".jsonl") || ends(".ndjson")) return TableFormat::kJsonLines;
  if (ends(".tsv") || ends(".tab")) return TableFormat::kTsv;
  if (ends(".csv")) return TableFormat::kCsv;
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') return TableFormat::kJsonLines;
  return GuessSeparator(text) == '\t' ? TableFormat::kTsv : TableFormat::kCsv;
}

void WriteField(std::string& out, const Field& f, char separator) {
  const bool quote =
      f.quoted || f.text.find_first_of("\"\r\n") != std::string::npos || f.text.find(separator) != std::string::npos;
  if (!quote) {
    out += f.text;
    return;
  }
  out += '"';
  for (const char c : f.text) out += c == '"' ? "\"\"" : std::string(1, c);
  out += '"';
}

}  // namespace

Result<TableFormat> TableFormatNamed(std::string_view name) {
  if (name == "csv") return TableFormat::kCsv;
  if (name == "tsv") return TableFormat::kTsv;
  if (name == "jsonl") return TableFormat::kJsonLines;
  return Error{Code::kBadInput, "unknown table format '" + Printable(name) + "'; use csv, tsv or jsonl"};
}

Result<Table> ReadTable(std::string bytes, const TableOptions& options) {
  const DecodedText decoded = DecodeText(std::move(bytes));
  if (decoded.utf8.find('\0') != std::string::npos) return Error{Code::kCorrupt, "not text: it holds zero bytes"};
  Table table;
  table.encoding = decoded.was;
  table.format = options.format.value_or(GuessFormat(options.path, decoded.utf8));
  if (table.format == TableFormat::kJsonLines) {
    TRY_OK(ReadJsonLines(decoded.utf8, table));
  } else {
    table.separator = table.format == TableFormat::kTsv ? '\t' : GuessSeparator(decoded.utf8);
    if (table.format == TableFormat::kCsv && table.separator == '\t' && options.format) table.separator = ',';
    TRY_OK(ReadSeparated(decoded.utf8, options, table));
  }
  return table;
}

static std::string JsonLine(const Table& table, const std::vector<Field>& row) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i].missing) {
      object[table.columns[i]] = nullptr;
    } else if (row[i].quoted) {
      object[table.columns[i]] = row[i].text;
    } else {
      object[table.columns[i]] = nlohmann::ordered_json::parse(row[i].text, nullptr, false);
    }
  }
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string WriteTable(const Table& table) {
  std::string out;
  const bool json = table.format == TableFormat::kJsonLines;
  if (table.header && !json) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (i) out += table.separator;
      WriteField(out, {table.columns[i], i < table.quoted_names.size() && table.quoted_names[i], false}, table.separator);
    }
    out += table.line_end;
  }
  for (const auto& row : table.rows) {
    if (json) out += JsonLine(table, row);
    for (size_t i = 0; i < row.size() && !json; ++i) {
      if (i) out += table.separator;
      WriteField(out, row[i], table.separator);
    }
    out += table.line_end;
  }
  if (!table.ends_line && out.ends_with(table.line_end)) out.resize(out.size() - table.line_end.size());
  return out;
}

}  // namespace hasten
