// What stands in a request's first line: escapes (%2F) and the two forms of a target.
#pragma once

#include <string>
#include <string_view>

namespace hasten {

std::string PercentDecode(std::string_view text);  // what is no escape stays as it is

// "http://host/path" -> "/path": proxies may send the whole address. Source: RFC 9112, section 3.2.2.
std::string_view WithoutOrigin(std::string_view target);

}  // namespace hasten
