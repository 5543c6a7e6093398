#include "solve/lang/facts.h"

#include <algorithm>

namespace hasten::solve {

namespace {

using Field = std::string_view;

constexpr Field kMonthColumns[] = {"name", "short", "number", "padded"};
constexpr Field kMonths[] = {"January", "Jan", "1", "01", "February", "Feb", "2", "02", "March", "Mar", "3", "03", "April", "Apr", "4", "04",
                             "May", "May", "5", "05", "June", "Jun", "6", "06", "July", "Jul", "7", "07", "August", "Aug", "8", "08",
                             "September", "Sep", "9", "09", "October", "Oct", "10", "10", "November", "Nov", "11", "11", "December", "Dec", "12", "12"};

constexpr Field kWeekdayColumns[] = {"name", "short", "two letters", "number", "number from Sunday"};
constexpr Field kWeekdays[] = {"Monday", "Mon", "Mo", "1", "2", "Tuesday", "Tue", "Tu", "2", "3", "Wednesday", "Wed", "We", "3", "4",
                               "Thursday", "Thu", "Th", "4", "5", "Friday", "Fri", "Fr", "5", "6", "Saturday", "Sat", "Sa", "6", "7",
                               "Sunday", "Sun", "Su", "7", "1"};

constexpr Field kStateColumns[] = {"name", "code"};
constexpr Field kStates[] = {
    "Alabama", "AL", "Alaska", "AK", "Arizona", "AZ", "Arkansas", "AR", "California", "CA", "Colorado", "CO", "Connecticut", "CT",
    "Delaware", "DE", "District of Columbia", "DC", "Florida", "FL", "Georgia", "GA", "Hawaii", "HI", "Idaho", "ID", "Illinois", "IL",
    "Indiana", "IN", "Iowa", "IA", "Kansas", "KS", "Kentucky", "KY", "Louisiana", "LA", "Maine", "ME", "Maryland", "MD", "Massachusetts", "MA",
    "Michigan", "MI", "Minnesota", "MN", "Mississippi", "MS", "Missouri", "MO", "Montana", "MT", "Nebraska", "NE", "Nevada", "NV",
    "New Hampshire", "NH", "New Jersey", "NJ", "New Mexico", "NM", "New York", "NY", "North Carolina", "NC", "North Dakota", "ND", "Ohio", "OH",
    "Oklahoma", "OK", "Oregon", "OR", "Pennsylvania", "PA", "Rhode Island", "RI", "South Carolina", "SC", "South Dakota", "SD",
    "Tennessee", "TN", "Texas", "TX", "Utah", "UT", "Vermont", "VT", "Virginia", "VA", "Washington", "WA", "West Virginia", "WV",
    "Wisconsin", "WI", "Wyoming", "WY"};

constexpr Field kCountryColumns[] = {"name", "two letters", "three letters", "calling code", "currency", "capital"};
constexpr Field kCountries[] = {
    "Argentina", "AR", "ARG", "54", "ARS", "Buenos Aires", "Australia", "AU", "AUS", "61", "AUD", "Canberra",
    "Austria", "AT", "AUT", "43", "EUR", "Vienna", "Belgium", "BE", "BEL", "32", "EUR", "Brussels",
    "Brazil", "BR", "BRA", "55", "BRL", "Brasília", "Bulgaria", "BG", "BGR", "359", "EUR", "Sofia",
    "Canada", "CA", "CAN", "1", "CAD", "Ottawa", "Chile", "CL", "CHL", "56", "CLP", "Santiago",
    "China", "CN", "CHN", "86", "CNY", "Beijing", "Colombia", "CO", "COL", "57", "COP", "Bogotá",
    "Croatia", "HR", "HRV", "385", "EUR", "Zagreb", "Czechia", "CZ", "CZE", "420", "CZK", "Prague",
    "Denmark", "DK", "DNK", "45", "DKK", "Copenhagen", "Egypt", "EG", "EGY", "20", "EGP", "Cairo",
    "Estonia", "EE", "EST", "372", "EUR", "Tallinn", "Ethiopia", "ET", "ETH", "251", "ETB", "Addis Ababa",
    "Finland", "FI", "FIN", "358", "EUR", "Helsinki", "France", "FR", "FRA", "33", "EUR", "Paris",
    "Germany", "DE", "DEU", "49", "EUR", "Berlin", "Ghana", "GH", "GHA", "233", "GHS", "Accra",
    "Greece", "GR", "GRC", "30", "EUR", "Athens", "Hungary", "HU", "HUN", "36", "HUF", "Budapest",
    "Iceland", "IS", "ISL", "354", "ISK", "Reykjavik", "India", "IN", "IND", "91", "INR", "New Delhi",
    "Indonesia", "ID", "IDN", "62", "IDR", "Jakarta", "Ireland", "IE", "IRL", "353", "EUR", "Dublin",
    "Israel", "IL", "ISR", "972", "ILS", "Jerusalem", "Italy", "IT", "ITA", "39", "EUR", "Rome",
    "Japan", "JP", "JPN", "81", "JPY", "Tokyo", "Kenya", "KE", "KEN", "254", "KES", "Nairobi",
    "Latvia", "LV", "LVA", "371", "EUR", "Riga", "Lithuania", "LT", "LTU", "370", "EUR", "Vilnius",
    "Luxembourg", "LU", "LUX", "352", "EUR", "Luxembourg", "Malaysia", "MY", "MYS", "60", "MYR", "Kuala Lumpur",
    "Mexico", "MX", "MEX", "52", "MXN", "Mexico City", "Morocco", "MA", "MAR", "212", "MAD", "Rabat",
    "Netherlands", "NL", "NLD", "31", "EUR", "Amsterdam", "New Zealand", "NZ", "NZL", "64", "NZD", "Wellington",
    "Nigeria", "NG", "NGA", "234", "NGN", "Abuja", "Norway", "NO", "NOR", "47", "NOK", "Oslo",
    "Pakistan", "PK", "PAK", "92", "PKR", "Islamabad", "Peru", "PE", "PER", "51", "PEN", "Lima",
    "Philippines", "PH", "PHL", "63", "PHP", "Manila", "Poland", "PL", "POL", "48", "PLN", "Warsaw",
    "Portugal", "PT", "PRT", "351", "EUR", "Lisbon", "Romania", "RO", "ROU", "40", "RON", "Bucharest",
    "Russia", "RU", "RUS", "7", "RUB", "Moscow", "Saudi Arabia", "SA", "SAU", "966", "SAR", "Riyadh",
    "Serbia", "RS", "SRB", "381", "RSD", "Belgrade", "Singapore", "SG", "SGP", "65", "SGD", "Singapore",
    "Slovakia", "SK", "SVK", "421", "EUR", "Bratislava", "Slovenia", "SI", "SVN", "386", "EUR", "Ljubljana",
    "South Africa", "ZA", "ZAF", "27", "ZAR", "Pretoria", "South Korea", "KR", "KOR", "82", "KRW", "Seoul",
    "Spain", "ES", "ESP", "34", "EUR", "Madrid", "Sweden", "SE", "SWE", "46", "SEK", "Stockholm",
    "Switzerland", "CH", "CHE", "41", "CHF", "Bern", "Thailand", "TH", "THA", "66", "THB", "Bangkok",
    "Turkey", "TR", "TUR", "90", "TRY", "Ankara", "Ukraine", "UA", "UKR", "380", "UAH", "Kyiv",
    "United Arab Emirates", "AE", "ARE", "971", "AED", "Abu Dhabi", "United Kingdom", "GB", "GBR", "44", "GBP", "London",
    "United States", "US", "USA", "1", "USD", "Washington", "Vietnam", "VN", "VNM", "84", "VND", "Hanoi"};

constexpr Field kNumberColumns[] = {"digits", "word", "ordinal", "ordinal word", "Roman"};
constexpr Field kNumbers[] = {
    "1", "one", "1st", "first", "I", "2", "two", "2nd", "second", "II", "3", "three", "3rd", "third", "III", "4", "four", "4th", "fourth", "IV",
    "5", "five", "5th", "fifth", "V", "6", "six", "6th", "sixth", "VI", "7", "seven", "7th", "seventh", "VII", "8", "eight", "8th", "eighth", "VIII",
    "9", "nine", "9th", "ninth", "IX", "10", "ten", "10th", "tenth", "X", "11", "eleven", "11th", "eleventh", "XI",
    "12", "twelve", "12th", "twelfth", "XII", "13", "thirteen", "13th", "thirteenth", "XIII", "14", "fourteen", "14th", "fourteenth", "XIV",
    "15", "fifteen", "15th", "fifteenth", "XV", "16", "sixteen", "16th", "sixteenth", "XVI", "17", "seventeen", "17th", "seventeenth", "XVII",
    "18", "eighteen", "18th", "eighteenth", "XVIII", "19", "nineteen", "19th", "nineteenth", "XIX", "20", "twenty", "20th", "twentieth", "XX"};

char Fold(char c) { return c >= 'A' && c <= 'Z' ? char(c | 32) : c; }

}  // namespace

std::span<const FactTable> FactTables() {
  static constexpr FactTable kTables[] = {
      {"months", kMonthColumns, kMonths},       {"weekdays", kWeekdayColumns, kWeekdays}, {"states", kStateColumns, kStates},
      {"countries", kCountryColumns, kCountries}, {"numbers", kNumberColumns, kNumbers},
  };
  return kTables;
}

const FactTable* FindFactTable(std::string_view name) {
  for (const FactTable& table : FactTables()) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

std::optional<std::string_view> LookUp(const FactTable& table, size_t from, size_t to, std::string_view key) {
  for (size_t row = 0; row < table.rows(); ++row) {
    const std::string_view field = table.at(row, from);
    if (field.size() == key.size() && std::equal(key.begin(), key.end(), field.begin(), [](char a, char b) { return Fold(a) == Fold(b); })) {
      return table.at(row, to);
    }
  }
  return std::nullopt;
}

}  // namespace hasten::solve
