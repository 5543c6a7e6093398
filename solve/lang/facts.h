// Well-known names that tables translate into each other: months, weekdays,
// states, countries, numbers in words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hasten::solve {

// Rows of equally many fields; a field of one column can be looked up to give
// that of another.
struct FactTable {
  std::string_view name;
  std::span<const std::string_view> columns;
  std::span<const std::string_view> fields;  // row by row
  size_t rows() const { return fields.size() / columns.size(); }
  std::string_view at(size_t row, size_t column) const { return fields[row * columns.size() + column]; }
};
std::span<const FactTable> FactTables();
const FactTable* FindFactTable(std::string_view name);

// The field in column `to` of the row whose field in column `from` is `key`,
// whatever the case.
std::optional<std::string_view> LookUp(const FactTable& table, size_t from, size_t to, std::string_view key);

}  // namespace hasten::solve
