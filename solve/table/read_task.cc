#include "solve/table/read_task.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/quote.h"
#include "text/json.h"

namespace hasten::solve {

Result<size_t> OutputColumn(const Table& table, const std::string& output) {
  if (table.columns.size() < 2)
    return Error{Code::kBadInput,
                 "only one column: a table needs an input "
                 "and, as its last column, an output"};
  if (output.empty()) return table.columns.size() - 1;
  const auto found = std::find(table.columns.begin(), table.columns.end(), output);
  if (found != table.columns.end()) return size_t(found - table.columns.begin());
  std::string names;
  for (const std::string& name : table.columns) names += (names.empty() ? "" : ", ") + Printable(name, 40);
  return Error{Code::kBadInput, "no column '" + Printable(output, 40) + "'; the table has " + names};
}

TableTask TaskOfTable(const Table& table, size_t output) {
  TableTask task;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (c != output) task.columns.push_back(table.columns[c]);
  }
  task.rows.reserve(table.rows.size());
  for (size_t r = 0; r < table.rows.size(); ++r) {
    Row row;
    row.line = table.lines[r];
    for (size_t c = 0; c < table.columns.size(); ++c) {
      const Field& f = table.rows[r][c];
      if (c != output) {
        row.cells.push_back(f.missing ? Cell() : Cell(f.text));
      } else if (!f.text.empty() || f.quoted) {
        row.want = Row::Want::kText;
        row.output = f.text;
      }
    }
    task.rows.push_back(std::move(row));
  }
  return task;
}

Result<TableTask> TaskOfProse(std::string_view spec) {
  TRY(const auto json, ParseJson(spec));
  const Error wrong{Code::kCorrupt,
                    "not a PROSE task: Examples is a list of {\"Input\": "
                    "[text…], \"Output\": text or null}"};
  if (!json.is_object() || !json.contains("Examples") || !json["Examples"].is_array() || json["Examples"].empty()) return wrong;
  TableTask task;
  for (const auto& example : json["Examples"]) {
    if (!example.is_object() || !example.contains("Input") || !example["Input"].is_array()) return wrong;
    Row row;
    row.line = task.rows.size() + 1;
    for (const auto& cell : example["Input"]) {
      if (!cell.is_string() && !cell.is_null()) return wrong;
      row.cells.push_back(cell.is_null() ? Cell() : Cell(cell.get<std::string>()));
    }
    const auto output = example.contains("Output") ? example["Output"] : nlohmann::ordered_json();
    if (!output.is_string() && !output.is_null()) return wrong;
    row.want = output.is_null() ? Row::Want::kNothing : Row::Want::kText;
    if (output.is_string()) row.output = output.get<std::string>();
    if (!task.rows.empty() && row.cells.size() != task.rows[0].cells.size()) return wrong;
    task.rows.push_back(std::move(row));
  }
  for (size_t c = 0; c < task.rows[0].cells.size(); ++c) task.columns.push_back("column" + std::to_string(c + 1));
  return task;
}

void GiveOnly(TableTask& task, size_t give) {
  std::set<std::pair<std::vector<Cell>, Cell>> seen;
  for (Row& row : task.rows) {
    if (row.want == Row::Want::kAsk) continue;
    const bool is_new = seen.insert({row.cells, row.want == Row::Want::kText ? Cell(row.output) : Cell()}).second;
    if (!is_new || seen.size() > give) row.want = Row::Want::kAsk;
  }
}

}  // namespace hasten::solve
