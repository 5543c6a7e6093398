// Decimals in SQLite, as exact as ours: texts of digits, written as they were, calculated as whole numbers in two integers, of
// which the low one has 18 digits (2^120, our limit, has 37).
#include "solve/lang/emit_sql.h"

namespace hasten::solve {

static constexpr SqlRow kRows[] = {
    // How decimals are written.
    {"whole", "", "CASE WHEN $1 NOT GLOB '*.*' AND abs($1) <= 1000000 THEN $1 + 0 END"},
    {"zeros", "", "substr(hex(zeroblob(&1)), 1, &1)"},
    {"negative", "", "($1 GLOB '-*')"},
    {"sign", "", "CASE WHEN $1 THEN '-' ELSE '' END"},
    {"places", "", "max(length($1) - instr($1 || '.', '.'), 0)"},
    {"trimmed", "", "CASE WHEN instr($1, '.') THEN rtrim(rtrim($1, '0'), '.') ELSE $1 END"},
    // The whole number $1 with a point before its last $2 digits.
    {"pointed", "",
     "@point(@sign(#negative($1) AND ltrim($1, '-0') <> ''), #zeros($2 + 1 - length(ltrim($1, '-0'))) || ltrim($1, '-0'), "
     "$2)"},
    {"point", "", "$1 || substr($2, 1, length($2) - $3) || CASE WHEN $3 > 0 THEN '.' || substr($2, -$3) ELSE '' END"},

    // Whole numbers: as far as 2^120.
    {"fitting", "",
     "CASE WHEN length(ltrim($1, '-0')) < 37 OR length(ltrim($1, '-0')) = 37 AND ltrim($1, '-0') <= "
     "'1329227995784915872903807060280344576' THEN $1 END"},
    {"scaled", "", "@fitting(replace($1, '.', '') || #zeros($2 - #places($1)))"},
    {"high", "", "CAST(substr($1, 1, length($1) - 18) AS INTEGER)"},
    {"low", "", "abs(CAST(substr($1, -18) AS INTEGER)) * (1 - 2 * #negative($1))"},
    {"before", "", "(#high($1), #low($1)) < (#high($2), #low($2))"},
    {"add", "",
     "(WITH total(high, low) AS (SELECT #high($1) + #high($2), #low($1) + #low($2)), carried(high, low) AS (SELECT high + "
     "low / "
     "1000000000000000000, low % 1000000000000000000 FROM total), lent(high, low, one) AS (SELECT high, low, (high > 0 AND "
     "low < 0) "
     "- (high < 0 AND low > 0) FROM carried), alike(high, low) AS (SELECT high - one, low + one * 1000000000000000000 FROM "
     "lent) "
     "SELECT CASE high WHEN 0 THEN low ELSE high || printf('%018d', abs(low)) END FROM alike)"},
    {"limb", "",
     "CAST(substr('000000000000000000000000000000000000000000000' || ltrim($1, '-'), -9 * ($2 + 1), 9) AS INTEGER)"},
    {"product", "",
     "(WITH RECURSIVE place(i) AS (VALUES (0), (1), (2), (3), (4)), term(k, value) AS (SELECT a.i + b.i, sum(#limb($1, a.i) "
     "* "
     "#limb($2, b.i)) FROM place AS a, place AS b GROUP BY 1), carried(i, carry, digits) AS (SELECT 0, 0, '' UNION ALL "
     "SELECT "
     "i + 1, (value + carry) / 1000000000, printf('%09d', (value + carry) % 1000000000) || digits FROM carried JOIN term ON "
     "k = i) "
     "SELECT #sign(#negative($1) <> #negative($2)) || carry || digits FROM carried WHERE i = 9)"},
    // Quotient and rest of whole numbers without signs, as at school: the divisor is taken off while it fits, then the next
    // digit
    // comes down.
    {"divided", "",
     "(WITH RECURSIVE school(i, quotient, digit, high, low) AS (SELECT 0, '', 0, 0, 0 WHERE ltrim($2, '0') <> '' UNION ALL "
     "SELECT "
     "i + 1 - fits.value, CASE WHEN fits.value THEN quotient ELSE quotient || digit END, CASE WHEN fits.value THEN digit + 1 "
     "ELSE 0 "
     "END, CASE WHEN fits.value THEN high - #high($2) - (low < #low($2)) ELSE high * 10 + low / 100000000000000000 END, CASE "
     "WHEN "
     "fits.value THEN low - #low($2) + (low < #low($2)) * 1000000000000000000 ELSE low % 100000000000000000 * 10 + "
     "substr($1, i + "
     "1, 1) END FROM school, json_each(json_array((high, low) >= (#high($2), #low($2)))) AS fits WHERE fits.value OR i < "
     "length($1)) SELECT json_array(quotient || digit, CASE high WHEN 0 THEN low || '' ELSE high || printf('%018d', low) "
     "END) FROM "
     "school WHERE i = length($1) AND (high, low) < (#high($2), #low($2)))"},

    // Operations on decimals: brought to as many places, calculated, and the point set again.
    {"plus", "", "@sum(@trimmed($1), @trimmed($2))"},
    {"sum", "", "@sum_at($1, $2, max(#places($1), #places($2)))"},
    {"sum_at", "", "@pointed(@add(@scaled($1, $3), @scaled($2, $3)), $3)"},
    {"minus", "", "@plus($1, @negated($2))"},
    {"negated", "", "CASE WHEN #negative($1) THEN substr($1, 2) ELSE '-' || $1 END"},
    {"times", "", "@times_of(@trimmed($1), @trimmed($2))"},
    {"times_of", "",
     "@within(@trimmed(@pointed(@fitting(@product(replace($1, '.', ''), replace($2, '.', ''))), #places($1) + "
     "#places($2))))"},
    {"within", "", "CASE WHEN #places($1) <= 30 THEN $1 END"},
    {"over", "", "@over_of(@trimmed($1), @trimmed($2))"},
    {"over_of", "",
     "@trimmed(@pointed(@nearest(@fitting(replace($1, '.', '') || #zeros(12 + #places($2) - #places($1))), "
     "@fitting(replace($2, '.', '') || #zeros(#places($1) - #places($2) - 12))), 12))"},
    {"nearest", "",
     "@nearest_of($1, ltrim($2, '-'), @divided(ltrim($1, '-'), ltrim($2, '-')), #negative($1) <> #negative($2))"},
    {"nearest_of", "", "@sign($4) || @add($3 ->> 0, NOT @before(@add($3 ->> 1, $3 ->> 1), $2))"},
    {"remainder", "", "@remainder_of(@trimmed($1), @trimmed($2))"},
    {"remainder_of", "", "@remainder_at($1, $2, max(#places($1), #places($2)))"},
    {"remainder_at", "", "@trimmed(@pointed(@modulo(@scaled($1, $3), @scaled($2, $3)), $3))"},
    {"modulo", "", "@modulo_of($1, $2, @divided(ltrim($1, '-'), ltrim($2, '-')) ->> 1)"},
    {"modulo_of", "",
     "CASE WHEN NOT #negative($2) THEN CASE WHEN #negative($1) AND $3 <> '0' THEN @add($2, '-' || $3) ELSE $3 END END"},
    {"less", "", "coalesce(@less_of(@trimmed($1), @trimmed($2)), CAST($1 AS REAL) < CAST($2 AS REAL))"},
    {"less_of", "", "@less_at($1, $2, max(#places($1), #places($2)))"},
    {"less_at", "", "@before(@scaled($1, $3), @scaled($2, $3))"},
    {"less_whole", "", "$1 < $2"},
    {"larger", "", "CASE @less($1, $2) WHEN 1 THEN $2 WHEN 0 THEN $1 END"},
    {"smaller", "", "CASE @less($2, $1) WHEN 1 THEN $2 WHEN 0 THEN $1 END"},
    {"times_ten", "", "CASE WHEN abs($2) < 40 THEN @shifted($1, $2) END"},
    {"shifted", "",
     "CASE WHEN #places($1) - $2 <= 30 THEN @pointed(@fitting(replace($1, '.', '') || #zeros($2 - #places($1))), "
     "max(#places($1) - $2, 0)) END"},

    // Rounding: the multiple of a unit on which a number less the offset comes to stand, and the offset on it again.
    {"round", "",
     "CASE WHEN $4 BETWEEN 0 AND 20 THEN @offset(@round_to(@minus($1, @below($3, $4)), @below($2, $4), $5), @below($3, $4), "
     "@below($2, "
     "$4)) END"},
    {"round_beside", "", "@offset(@round_to(@minus($1, $3), $2, $4), $3, $2)"},
    {"round_to", "", "@shortened(@multiple(@trimmed($1), @trimmed($2), $3), #places($2))"},
    {"below", "", "@pointed(replace($1, '.', ''), #places($1) + $2)"},
    {"offset", "", "CASE WHEN ltrim($2, '-0.') = '' THEN $1 ELSE @shortened(@plus($1, $2), #places($3)) END"},
    {"shortened", "",
     "CASE WHEN #places($1) > $2 THEN rtrim(substr($1, 1, length($1) - #places($1) + $2) || rtrim(substr($1, $2 - "
     "#places($1)), "
     "'0'), '.') ELSE $1 END"},
    {"multiple", "", "@multiple_at($1, $2, $3, max(#places($1), #places($2)))"},
    {"multiple_at", "", "@pointed(@multiple_of(@scaled($1, $4), @scaled($2, $4), $3), $4)"},
    {"multiple_of", "",
     "CASE WHEN NOT #negative($2) THEN @beside($1, $2, @divided(ltrim($1, '-'), ltrim($2, '-')) ->> 1, $3) END"},
    {"beside", "",
     "@sign(#negative($1)) || @add(ltrim($1, '-'), CASE WHEN @farther($1, $2, $3, $4) THEN @add($2, '-' || $3) ELSE '-' || "
     "$3 END)"},
    {"farther", "'down'", "#negative($1) AND $3 <> '0'"},
    {"farther", "'up'", "NOT #negative($1) AND $3 <> '0'"},
    {"farther", "", "NOT @before(@add($3, $3), $2)"},

    // Reading: sign, whole, fraction, exponent.
    {"leading", "", "substr($1, 1, length($1) - length(ltrim($1, $2)))"},
    {"decimal", "", "@decimal_of(@sign(#negative($1)), CASE WHEN $1 GLOB '[-+]*' THEN substr($1, 2) ELSE $1 END)"},
    {"decimal_of", "", "@decimal_parts($1, @leading($2, '0123456789,'), ltrim($2, '0123456789,'))"},
    {"decimal_parts", "",
     "@decimal_from($1, $2, @leading(CASE WHEN $3 GLOB '.*' THEN substr($3, 2) ELSE '' END, '0123456789'), CASE WHEN $3 GLOB "
     "'.*' "
     "THEN ltrim(substr($3, 2), '0123456789') ELSE $3 END)"},
    {"decimal_from", "",
     "CASE WHEN #grouped_well($2) AND length($3) <= 30 AND @digits_fit(replace($2, ',', '') || $3) THEN "
     "@shifted(@pointed($1 || replace($2, ',', '') || $3, length($3)), @exponent($4)) END"},
    {"grouped_well", "",
     "($1 NOT GLOB '*,*' OR $1 GLOB '[0-9]*,[0-9][0-9][0-9]' AND $1 NOT GLOB '*,,*' AND $1 NOT GLOB "
     "'*[0-9][0-9][0-9][0-9],*')"},
    {"digits_fit", "",
     "$1 <> '' AND (length(ltrim($1, '0')) < 36 OR length(ltrim($1, '0')) = 36 AND substr(ltrim($1, '0'), 1, 35) <= "
     "'13292279957849158729038070602803445')"},
    {"exponent", "",
     "CASE WHEN $1 = '' THEN 0 WHEN $1 GLOB '*[0-9]' AND lower(rtrim($1, '0123456789')) IN ('e', 'e-', 'e+') THEN max(-1000, "
     "min(1000, CAST(substr($1, 2) AS INTEGER))) END"},
    {"sign_before", "", "CASE WHEN substr($1, $2, 1) = '-' AND NOT #is_word(substr($1, $2 - 1, 1)) THEN '-' ELSE '' END"},
    {"number_at", "", "@decimal(@sign_before($1, $2 ->> 0) || @piece($1, $2))"},
    {"nth_number", "", "@number_at($1, @kth(@tokens($1, 'number'), $2))"},
    {"number", "1", "coalesce(@decimal(@trim($1)), #nth_number($1, 1))"},
    {"number", "-1", "coalesce(@decimal(@trim($1)), #nth_number($1, -1))"},
    {"number", "", "coalesce(CASE WHEN abs($2) = 1 THEN @decimal(@trim($1)) END, #nth_number($1, $2))"},
    {"all_numbers", "",
     "(SELECT json_group_array(#number_at($1, token.value)) FROM json_each(@tokens($1, 'number')) AS token)"},
    {"numbers", "'average'", "@over(@numbers($1, 'sum'), json_array_length(@all_numbers($1)))"},
    {"numbers", "",
     "(WITH RECURSIVE fold(k, n) AS (SELECT 1, @all_numbers($1) ->> 0 UNION ALL SELECT k + 1, #merged(n, @all_numbers($1) "
     "->> k, $2) "
     "FROM fold WHERE k < json_array_length(@all_numbers($1))) SELECT n FROM fold WHERE k = "
     "json_array_length(@all_numbers($1)))"},
    {"merged", "'sum'", "@plus($1, $2)"},
    {"merged", "'largest'", "@larger($1, $2)"},
    {"merged", "'smallest'", "@smaller($1, $2)"},

    // Writing: least and most decimals, least digits before the point, digits in a group, what stands between groups, the
    // point.
    {"format", "",
     "CASE WHEN $2 BETWEEN -1 AND 30 AND $3 >= 0 AND $4 BETWEEN 0 AND 1000 THEN @format_as($1, $2, min($3, 30), $4, $5, $6, "
     "$7) END"},
    {"format_as", "0, 30, 1, 0, ',', '.'", "CASE WHEN instr($1, '.') THEN rtrim(rtrim($1, '0'), '.') ELSE $1 || '' END"},
    {"format_as", "", "@written(@decimals($1, $3, $2), $2, $4, $5, $6, $7)"},
    {"decimals", "-1", "@cut($1, $2)"},
    {"decimals", "", "@trimmed(@cut(@trimmed($1), $2))"},
    {"cut", "", "CASE WHEN #places($1) > $2 THEN #cut_off(replace($1, '.', ''), #places($1) - $2, $2) ELSE $1 END"},
    {"cut_off", "",
     "@pointed(@add(substr($1, 1, length($1) - $2), CASE WHEN substr($1, -$2, 1) < '5' THEN 0 WHEN #negative($1) THEN -1 "
     "ELSE 1 "
     "END), $3)"},
    {"written", "",
     "@figure(@sign(#negative($1)), ltrim(substr($1, 1, instr($1 || '.', '.') - 1), '-'), substr($1, instr($1 || '.', '.') + "
     "1) || "
     "#zeros($2 - #places($1)), $3, $4, $5, $6)"},
    {"figure", "",
     "$1 || @grouped(CASE WHEN $4 = 0 AND $2 = '0' AND $3 <> '' THEN '' ELSE #zeros($4 - length($2)) || $2 END, $6, $5) || "
     "CASE WHEN "
     "$3 <> '' THEN $7 || $3 ELSE '' END"},
    {"grouped", "0", "$1"},
    {"grouped", "",
     "(WITH RECURSIVE grouped(rest, s) AS (SELECT substr($1, 1, length($1) - 3), substr($1, -3) UNION ALL SELECT "
     "substr(rest, 1, "
     "length(rest) - $3), substr(rest, -$3) || $2 || s FROM grouped WHERE rest <> '') SELECT s FROM grouped WHERE rest = "
     "'')"},
    {"ordinal", "",
     "CASE WHEN $1 NOT GLOB '*[.-]*' THEN $1 || CASE WHEN substr('0' || $1, -2, 1) = '1' THEN 'th' ELSE CASE substr($1, -1) "
     "WHEN '1' "
     "THEN 'st' WHEN '2' THEN 'nd' WHEN '3' THEN 'rd' ELSE 'th' END END END"},
    {"roman", "", "@roman_of(CASE WHEN $1 NOT GLOB '*.*' AND $1 + 0 BETWEEN 1 AND 3999 THEN $1 + 0 END)"},
    {"roman_of", "",
     "(WITH RECURSIVE numeral(value, letters) AS (VALUES (1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, "
     "'XC'), "
     "(50, 'L'), (40, 'XL'), (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')), roman(rest, s) AS (SELECT $1, '' UNION "
     "ALL SELECT "
     "rest - value, s || letters FROM roman JOIN numeral ON value = (SELECT max(value) FROM numeral WHERE value <= rest)) "
     "SELECT s "
     "FROM roman WHERE rest = 0)"},
    {"signed", "", "CASE WHEN $1 GLOB '-*' THEN $1 WHEN $1 <> '' THEN '+' || $1 END"},
};

std::span<const SqlRow> SqlNumbers() { return kRows; }

}  // namespace hasten::solve
