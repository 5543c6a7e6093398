// Tasks from files: a table with its output column, a PROSE spec.json.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "solve/table/task.h"
#include "text/table.h"

namespace hasten::solve {

// The index of the column named `output`, or the last where that is empty.
// kBadInput names the columns there are.
Result<size_t> OutputColumn(const Table& table, const std::string& output);

// An empty unquoted output cell asks; all other columns are inputs.
TableTask TaskOfTable(const Table& table, size_t output);

// {"Examples": [{"Input": […], "Output": "…" or null}…]}
Result<TableTask> TaskOfProse(std::string_view spec);

// Leaves only the first `give` rows that differ from each other (in input or
// output) with their output; the others ask.
void GiveOnly(TableTask& task, size_t give);

}  // namespace hasten::solve
