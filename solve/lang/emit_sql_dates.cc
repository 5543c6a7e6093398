// Dates and times in SQLite. A moment is a JSON object, with null for what is not said. SQLite's own functions calculate where
// the date is known: from the year 1 to 9999, beyond which there is none.
#include "solve/lang/emit_sql.h"

namespace hasten::solve {

static constexpr SqlRow kRows[] = {
    // What moment.cc does, by classes: a text is cut in tokens, and each token is a letter of the text's shape, so that what
    // stands
    // beside what is asked of a pattern. Numbers: 1 of one digit, 2 of two up to 59, n of two above, 3 to 8 of as many, 9 of
    // more.
    // M a month, D a weekday, A and P "am" and "pm", a, p and m those letters alone, t what joins a date and a time, z a zone,
    // w "W", o an ordinal's ending, f "of", x another word. Marks are themselves, and ? where no date has them.
    {"moment", "", "@kth(@moments(@date_tokens(substr(@trim($1), 1, 2000)), $2, abs($3) = 1), $3)"},
    {"date_tokens", "",
     "(WITH RECURSIVE cut(token, rest) AS (SELECT '', $1 UNION ALL SELECT substr(rest, 1, #token_size(rest)), substr(rest, "
     "#token_size(rest) + 1) FROM cut WHERE rest <> '') SELECT json_group_array(token) FROM cut WHERE token <> '')"},
    {"token_size", "",
     "max(1, length(&1) - length(ltrim(&1, '0123456789')), length(&1) - length(ltrim(&1, "
     "'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')))"},
    {"shape_of_tokens", "", "(SELECT group_concat(#class(token.value), '') FROM json_each($1) AS token)"},
    {"class", "",
     "CASE WHEN $1 GLOB '[0-9]*' THEN CASE WHEN length($1) = 2 AND $1 > '59' THEN 'n' ELSE min(length($1), 9) END WHEN $1 NOT "
     "GLOB "
     "'[A-Za-z]*' THEN CASE WHEN instr(' ,-/.#'':+@_', $1) THEN $1 ELSE '?' END WHEN #month_named($1) THEN 'M' WHEN "
     "#weekday_named($1) THEN 'D' WHEN $1 IN ('T', 'at') THEN 't' WHEN $1 IN ('Z', 'UTC', 'GMT') THEN 'z' WHEN lower($1) IN "
     "('st', "
     "'nd', 'rd', 'th') THEN 'o' ELSE CASE lower($1) WHEN 'am' THEN 'A' WHEN 'pm' THEN 'P' WHEN 'a' THEN 'a' WHEN 'p' THEN 'p' "
     "WHEN "
     "'m' THEN 'm' WHEN 'w' THEN 'w' WHEN 'of' THEN 'f' ELSE 'x' END END"},
    // In full, or three or four letters; names stand in columns of ten.
    {"named", "",
     "CASE WHEN length($1) IN (3, 4) OR instr($2, ' ' || lower($1) || ' ') THEN (instr($2, ' ' || lower($1)) + 9) / 10 ELSE 0 "
     "END"},
    {"month_named", "",
     "#named($1, ' january   february  march     april     may       june      july      august    september october   "
     "november  december ')"},
    {"weekday_named", "",
     "CASE lower($1) WHEN 'thurs' THEN 4 ELSE #named($1, ' monday    tuesday   wednesday thursday  friday    saturday  sunday  "
     " ') END"},

    // The moments in a text: all of it where that is one and the first is asked for, or those that stand in it, left to right:
    // where
    // one may begin, the longest stretch first, then without its last token. What has another word in it is none.
    {"moments", "", "@moments_in($1, @shape_of_tokens($1), $2, $3)"},
    {"moments_in", "",
     "(WITH RECURSIVE search(step, at, stretch, moment) AS (SELECT 0, -1, '', NULL UNION ALL {SELECT step + 1, begin.value, "
     "next.value, "
     "@moment_at(step, @tokens_from($1, begin.value, length(next.value)), next.value, $3) FROM search, "
     "json_each(json_array(CASE WHEN "
     "step < 2 THEN 0 WHEN moment NOTNULL THEN at + length(stretch) WHEN length(stretch) > 1 THEN at ELSE at + 1 END)) AS "
     "begin, "
     "json_each(json_array(CASE WHEN step = 0 THEN CASE WHEN $4 AND length($2) <= 20 THEN $2 ELSE '' END WHEN step = 1 OR "
     "begin.value > "
     "at THEN #longest($2, begin.value) ELSE #without_marks(substr(stretch, 1, length(stretch) - 1)) END)) AS next} WHERE at < "
     "length($2) AND NOT (step = 1 AND moment NOTNULL)) SELECT json_group_array(moment) FROM search WHERE moment NOTNULL)"},
    {"without_marks", "", "rtrim($1, ' ,-/.#'':+@_')"},
    {"longest", "",
     "CASE WHEN substr($1, $2 + 1, 1) GLOB '[1-9nMD]' THEN @without_marks(@leading(substr($1, $2 + 1, 20), "
     "'12n3456789MDAPapmtzwof ,-/.#'':+@_')) ELSE '' END"},
    {"moment_at", "", "@convincing($1, length($3), @read_moment($2, $3, $4))"},
    {"tokens_from", "", "(SELECT json_group_array(value) FROM json_each($1) WHERE key >= $2 AND key < $2 + $3)"},
    {"convincing", "",
     "CASE WHEN $1 = 0 OR $2 > 1 AND coalesce($3 ->> 'hour', ($3 ->> 'year') + ($3 ->> 'month') + ($3 ->> 'day')) NOTNULL THEN "
     "$3 END"},

    // Tokens and their shape as a moment: the time first, with what belongs to it and what joins it to the date; the rest is a
    // date.
    {"read_moment", "", "@with_date($1, @time_in($1, $2, $3), $3)"},
    {"time_in", "", "@time_or_none($1, $2, $3, @time_begins($1, $2))"},
    {"time_begins", "",
     "(SELECT min(token.key) FROM json_each($1) AS token, json_each(json_array(substr($2, token.key + 1))) AS ahead WHERE "
     "ahead.value "
     "GLOB '[12]:2*' OR ahead.value GLOB '[12][AP]*' OR ahead.value GLOB '[12] [AP]*' OR ahead.value GLOB '[12][ap].m*' OR "
     "ahead.value GLOB '[12] [ap].m*')"},
    {"time_or_none", "",
     "CASE WHEN $4 ISNULL THEN json_object('hour', NULL, 'minute', 0, 'second', 0, 'from', 0, 'rest', $2) ELSE @time_at($1, "
     "$2, $3, "
     "$4) END"},
    {"time_at", "", "@time_of($1, $2, $3, $4, @clock_size(substr($2, $4 + 1), $3))"},
    {"clock_size", "'minutes and seconds'", "CASE WHEN $1 GLOB '[12]:2*' THEN 3 ELSE 1 END"},
    {"clock_size", "",
     "CASE WHEN $1 GLOB '[12]:2:[12].[1-9n]*' THEN 7 WHEN $1 GLOB '[12]:2:[12]*' THEN 5 WHEN $1 GLOB '[12]:2*' THEN 3 ELSE 1 "
     "END"},
    {"time_of", "", "@time_with_noon($2, $4, $5, @noon_size(substr($2, $4 + $5 + 1)), @clock_parts($1, $4, $5, $3))"},
    {"noon_size", "",
     "CASE WHEN $1 GLOB '[AP]*' THEN 1 WHEN $1 GLOB ' [AP]*' THEN 2 WHEN $1 GLOB '[ap].m.*' THEN 4 WHEN $1 GLOB '[ap].m*' THEN "
     "3 "
     "WHEN $1 GLOB ' [ap].m.*' THEN 5 WHEN $1 GLOB ' [ap].m*' THEN 4 ELSE 0 END"},
    {"clock_parts", "'minutes and seconds'",
     "CASE WHEN $3 > 1 THEN json_array(0, ($1 ->> $2) + 0, ($1 ->> ($2 + 2)) + 0) ELSE json_array(($1 ->> $2) + 0, 0, 0) END"},
    {"clock_parts", "",
     "json_array(($1 ->> $2) + 0, CASE WHEN $3 > 1 THEN ($1 ->> ($2 + 2)) + 0 ELSE 0 END, CASE WHEN $3 > 3 THEN ($1 ->> ($2 + "
     "4)) + "
     "0 ELSE 0 END)"},
    {"time_with_noon", "",
     "@time_and_rest($1, $4, $5, substr(ltrim(substr($1, $2 + $3 + 1), ' '), 1, 1) IN ('P', 'p'), rtrim(substr($1, 1, $2), ' "
     ",@_t'), "
     "ltrim(substr($1, $2 + $3 + $4 + CASE WHEN $3 > 1 THEN @zone_size(substr($1, $2 + $3 + $4 + 1)) ELSE 0 END + 1), ' "
     ",@_t'))"},
    {"zone_size", "",
     "CASE WHEN $1 GLOB 'z*' THEN 1 WHEN $1 GLOB ' z*' OR $1 GLOB '[-+]4*' AND $1 NOT GLOB '[-+]4:[12]*' THEN 2 WHEN $1 GLOB "
     "'[-+][1-9n]:[12]*' THEN 4 WHEN $1 GLOB ' +[1-9n]:[12]*' THEN 5 WHEN $1 GLOB ' +4*' THEN 3 ELSE 0 END"},
    {"time_and_rest", "",
     "CASE WHEN ($5 = '' OR $6 = '') AND $3 ->> 0 BETWEEN $2 > 0 AND CASE WHEN $2 > 0 THEN 12 ELSE 23 END THEN "
     "json_object('hour', "
     "CASE WHEN $2 > 0 THEN ($3 ->> 0) % 12 + 12 * $4 ELSE $3 ->> 0 END, 'minute', $3 ->> 1, 'second', $3 ->> 2, 'from', CASE "
     "$5 WHEN "
     "'' THEN length($1) - length($6) ELSE 0 END, 'rest', $5 || $6) END"},

    // The rest: numbers, one month, one weekday, and marks between them.
    {"with_date", "", "@checked($2, @date_in($1, $2 ->> 'rest', $2 ->> 'from', $3))"},
    {"date_in", "", "CASE WHEN @may_be_date($2) THEN @date_of($1, $2, $3, $4) END"},
    {"may_be_date", "",
     "$1 NOT GLOB '*[^12n345678MDwof ,/.#''-]*' AND $1 NOT GLOB '[ ,/.#''-]*' AND $1 NOT GLOB '*[ ,/.#''-]' AND $1 NOT GLOB "
     "'*M*M*' "
     "AND $1 NOT GLOB '*D*D*' AND $1 NOT GLOB '*w' AND $1 NOT GLOB 'o*' AND $1 NOT GLOB '*[^12n345678]o*'"},
    {"date_of", "",
     "@date_with(@tokens_from($1, $3, length($2)), @month_named(@token_at($1, $3, instr($2, 'M'))), "
     "@weekday_named(@token_at($1, $3, "
     "instr($2, 'D'))), instr($2, 'w') > 0, $4)"},
    {"token_at", "", "CASE WHEN $3 > 0 THEN $1 ->> ($2 + $3 - 1) ELSE '-' END"},
    {"date_with", "",
     "@date_from((SELECT json_group_array(value) FROM json_each($1) WHERE value GLOB '[0-9]*'), $2, $3, $4, (SELECT "
     "group_concat(value, "
     "'') FROM json_each($1) WHERE value NOT GLOB '[0-9A-Za-z]*'), $5)"},
    {"date_from", "",
     "CASE WHEN json_array_length($1) + $2 + $3 = 0 THEN '[]' ELSE @date_by($1 ->> 0, $1 ->> 1, $1 ->> 2, "
     "json_array_length($1), $2, $3, "
     "$4, coalesce($5, ''), $6) END"},
    // A date, or [year, month, day, hour, minute], of three numbers, how many there are, the month and the weekday named,
    // whether "W" stands
    // there, the marks, and the order. A year that is none is -1.
    {"date_by", "",
     "CASE WHEN $7 THEN CASE WHEN $4 = 2 AND #is_year($1) AND $2 + 0 BETWEEN 1 AND 53 THEN (date($1 || '-01-04', 'weekday 0', "
     "'-6 days', (7 * ($2 - 1) + max($6 - 1, 0)) || ' days')) END WHEN $5 AND instr($8, '#') THEN CASE WHEN $4 = 2 AND $6 AND "
     "#is_year($2) AND $1 + 0 BETWEEN 1 AND 5 THEN #in_month(date($2 || '-' || @two_digits($5) || '-01', 'weekday ' || "
     "($6 % 7), (7 * ($1 - 1)) || ' days'), $5) END WHEN $5 AND $4 = 2 THEN CASE WHEN #is_year($1) THEN CASE WHEN length($2) "
     "<= 4 THEN "
     "json_array($1 + 0, $5, $2 + 0) END WHEN length($1) <= 4 THEN json_array(#year($2), $5, $1 + 0) END WHEN $5 AND $4 = 1 "
     "THEN CASE "
     "WHEN #is_year($1) THEN json_array($1 + 0, $5, NULL) ELSE json_array(NULL, $5, $1 + 0) END WHEN $5 THEN NULL WHEN $4 = 3 "
     "THEN "
     "@three($1, $2, $3, $8, $9) WHEN $4 = 2 THEN @two($1, $2, $8, $9) WHEN $4 = 1 AND $6 = 0 THEN @one($1, $9) END"},
    {"is_year", "", "(length(&1) = 4 AND &1 >= '1000')"},
    {"year", "",
     "CASE WHEN length(&1) = 2 THEN &1 + CASE WHEN &1 < '50' THEN 2000 ELSE 1900 END WHEN #is_year(&1) THEN &1 + 0 ELSE -1 "
     "END"},
    {"ymd", "", "json_array(substr($1, 1, 4) + 0, substr($1, 6, 2) + 0, substr($1, 9, 2) + 0)"},
    {"in_month", "", "CASE WHEN substr(&1, 6, 2) + 0 = $2 THEN &1 END"},
    {"three", "",
     "CASE WHEN length($2) <= 2 THEN CASE WHEN #is_year($1) THEN CASE WHEN length($3) <= 2 THEN @year_first($1, $2, $3, $5) "
     "END WHEN "
     "length($1) <= 2 THEN @year_last($1, $2, $3, $4, $5) END END"},
    {"year_first", "'day first'", "json_array($1 + 0, $3 + 0, $2 + 0)"},
    {"year_first", "", "json_array($1 + 0, $2 + 0, $3 + 0)"},
    {"year_last", "'month first'",  // with points the day comes first everywhere
     "CASE $4 WHEN '..' THEN json_array(#year($3), $2 + 0, $1 + 0) ELSE json_array(#year($3), $1 + 0, $2 + 0) END"},
    {"year_last", "'day first'", "json_array(#year($3), $2 + 0, $1 + 0)"},
    {"year_last", "'year first'",
     "CASE WHEN length($3) <= 2 AND length($1) = 2 THEN json_array(#year($1), $2 + 0, $3 + 0) END"},
    {"year_last", "", "NULL"},
    {"two", "",
     "CASE WHEN #is_year($1) AND $3 = ' ' AND $2 + 0 BETWEEN 1 AND strftime('%j', $1 || '-12-31') + 0 THEN (date($1 || "
     "'-01-01', "
     "($2 - 1) || ' days')) WHEN #is_year($1) AND length($2) = 2 AND $2 + 0 BETWEEN 1 AND 12 THEN json_array($1 + 0, $2 + 0, "
     "NULL) WHEN "
     "#is_year($2) AND length($1) <= 2 AND $1 + 0 BETWEEN 1 AND 12 THEN json_array($2 + 0, $1 + 0, NULL) WHEN $3 IN ('/', '-', "
     "'.') "
     "AND length($1) <= 2 AND length($2) <= 2 THEN @month_and_day($1, $2, $4) END"},
    {"month_and_day", "'day first'", "json_array(NULL, $2 + 0, $1 + 0)"},
    {"month_and_day", "", "json_array(NULL, $1 + 0, $2 + 0)"},
    {"one", "'hours'",
     "CASE WHEN length($1) <= 2 AND $1 + 0 < 24 THEN json_array(NULL, NULL, NULL, $1 + 0) ELSE @digits_only($1, 'hours') END"},
    {"one", "'hours and minutes'",
     "CASE WHEN length($1) NOT IN (3, 4) THEN @digits_only($1, 'hours') WHEN $1 / 100 < 24 AND $1 % 100 < 60 THEN "
     "json_array(NULL, "
     "NULL, NULL, $1 / 100, $1 % 100) END"},
    {"one", "'year first'",
     "CASE WHEN #is_year($1) THEN json_array($1 + 0, NULL, NULL) WHEN length($1) = 8 AND $1 >= '1000' THEN json_array($1 / "
     "10000, $1 / "
     "100 % 100, $1 % 100) END"},
    {"one", "", "@digits_only($1, $2)"},
    {"digits_only", "'month first'",  // of seven, the month's zero is left out
     "CASE WHEN length($1) IN (7, 8) AND $1 % 10000 >= 1000 THEN json_array($1 % 10000, $1 / 1000000, $1 / 10000 % 100) END"},
    {"digits_only", "'day first'",
     "CASE WHEN length($1) = 8 AND $1 % 10000 >= 1000 THEN json_array($1 % 10000, $1 / 10000 % 100, $1 / 1000000) END"},
    {"digits_only", "",
     "CASE WHEN length($1) = 8 AND $1 % 10000 >= 1000 THEN json_array($1 % 10000, $1 / 1000000, $1 / 10000 % 100) END"},
    {"checked", "", "@checked_parts($1, CASE WHEN $2 GLOB '[0-9]*' THEN @ymd($2) ELSE $2 END)"},
    {"checked_parts", "",
     "CASE WHEN $2 NOTNULL THEN @moment_with($2 ->> 0, $2 ->> 1, $2 ->> 2, coalesce($2 ->> 3, $1 ->> 'hour'), coalesce($2 ->> "
     "4, $1 ->> "
     "'minute'), $1 ->> 'second') END"},
    {"moment_with", "",
     "CASE WHEN coalesce($1, 1) > 0 AND coalesce($2, 1) BETWEEN 1 AND 12 AND coalesce($3, 1) BETWEEN 1 AND 31 AND coalesce($3 "
     "<= "
     "@days_in(coalesce($1, 2000), $2), 1) AND coalesce($1, $2, $3, $4) NOTNULL THEN json_object('year', $1, 'month', $2, "
     "'day', $3, "
     "'hour', $4, 'minute', $5, 'second', $6) END"},
    {"days_in", "", "strftime('%d', $1 || '-' || @two_digits($2) || '-01', '+1 month', '-1 day') + 0"},
    {"two_digits", "", "CASE WHEN $1 < 10 THEN '0' || $1 ELSE $1 || '' END"},

    // Parts.
    {"part", "'yyyy'", "substr('000' || ($1 ->> 'year'), -4)"},
    {"part", "'yy'", "substr('0' || ($1 ->> 'year'), -2)"},
    {"part", "'M'", "$1 ->> 'month' || ''"},
    {"part", "'MM'", "substr('0' || ($1 ->> 'month'), -2)"},
    {"part", "'MMM'", "substr('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * ($1 ->> 'month') - 2, 3)"},
    {"part", "'MMMM'",
     "rtrim(substr('January  February March    April    May      June     July     August   SeptemberOctober  November "
     "December ', 9 * ($1 ->> 'month') - 8, 9))"},
    {"part", "'d'", "$1 ->> 'day' || ''"},
    {"part", "'dd'", "substr('0' || ($1 ->> 'day'), -2)"},
    {"part", "'ddd'", "substr('SunMonTueWedThuFriSat', 3 * strftime('%w', @iso_date($1)) + 1, 3)"},
    {"part", "'dddd'",
     "rtrim(substr('Sunday   Monday   Tuesday  WednesdayThursday Friday   Saturday ', 9 * strftime('%w', @iso_date($1)) + 1, "
     "9))"},
    {"part", "'do'",
     "($1 ->> 'day') || CASE WHEN ($1 ->> 'day') / 10 = 1 THEN 'th' ELSE CASE ($1 ->> 'day') % 10 WHEN 1 THEN 'st' WHEN 2 THEN "
     "'nd' WHEN "
     "3 THEN 'rd' ELSE 'th' END END"},
    {"part", "'q'", "((($1 ->> 'month') + 2) / 3) || ''"},
    {"part", "'half'", "(1 + ($1 ->> 'month' > 6)) || ''"},
    {"part", "'week'", "((strftime('%j', @thursday($1)) + 6) / 7) || ''"},
    {"part", "'ww'", "@two_digits((strftime('%j', @thursday($1)) + 6) / 7)"},
    {"part", "'week year'", "strftime('%Y', @thursday($1))"},
    {"part", "'year day'", "(strftime('%j', @iso_date($1)) + 0) || ''"},
    {"part", "'year day 3'", "strftime('%j', @iso_date($1))"},
    {"part", "'month week'", "((($1 ->> 'day') + 6) / 7) || ''"},
    {"part", "'H'", "$1 ->> 'hour' || ''"},
    {"part", "'HH'", "@two_digits($1 ->> 'hour')"},
    {"part", "'h'", "((($1 ->> 'hour') + 11) % 12 + 1) || ''"},
    {"part", "'hh'", "@two_digits((($1 ->> 'hour') + 11) % 12 + 1)"},
    {"part", "'m'", "CASE WHEN $1 ->> 'hour' NOTNULL THEN $1 ->> 'minute' || '' END"},
    {"part", "'mm'", "CASE WHEN $1 ->> 'hour' NOTNULL THEN substr('0' || ($1 ->> 'minute'), -2) END"},
    {"part", "'s'", "CASE WHEN $1 ->> 'hour' NOTNULL THEN $1 ->> 'second' || '' END"},
    {"part", "'ss'", "CASE WHEN $1 ->> 'hour' NOTNULL THEN substr('0' || ($1 ->> 'second'), -2) END"},
    {"part", "'tt'", "CASE $1 ->> 'hour' < 12 WHEN 1 THEN 'AM' WHEN 0 THEN 'PM' END"},
    {"part", "'am'", "CASE $1 ->> 'hour' < 12 WHEN 1 THEN 'am' WHEN 0 THEN 'pm' END"},
    {"part", "'a.m.'", "CASE $1 ->> 'hour' < 12 WHEN 1 THEN 'a.m.' WHEN 0 THEN 'p.m.' END"},
    {"iso_date", "", "@part($1, 'yyyy') || '-' || @part($1, 'MM') || '-' || @part($1, 'dd')"},
    {"thursday", "", "date(@iso_date($1), '-3 days', 'weekday 4')"},  // which says in which year an ISO week is

    // Calculating with moments.
    {"days", "", "CAST(julianday(@iso_date($2)) - julianday(@iso_date($1)) AS INTEGER)"},
    {"months", "",
     "(($2 ->> 'year') - ($1 ->> 'year')) * 12 + ($2 ->> 'month') - ($1 ->> 'month') - ($2 ->> 'day' < $1 ->> 'day')"},
    {"years", "", "($2 ->> 'year') - ($1 ->> 'year') - (substr(@iso_date($2), 6) < substr(@iso_date($1), 6))"},
    {"second_of_day", "", "($1 ->> 'hour') * 3600 + ($1 ->> 'minute') * 60 + ($1 ->> 'second')"},
    {"seconds", "", "@seconds_of(@second_of_day($2) - @second_of_day($1), @days($1, $2))"},
    {"seconds_of", "", "$1 + 86400 * coalesce($2, $1 < 0)"},
    {"weekday", "", "(strftime('%w', @iso_date($1)) + 6) % 7 + 1"},
    {"clock", "", "CASE WHEN $2 > 0 THEN @clock_of(@times($1, $2)) END"},
    {"clock_of", "",
     "CASE WHEN NOT #negative($1) AND CAST($1 AS INTEGER) <= 1000000000 THEN @set_time(json_object('year', NULL, 'month', "
     "NULL, 'day', NULL), "
     "CAST($1 AS INTEGER)) END"},
    {"set_time", "",
     "CASE WHEN $2 NOTNULL THEN json_set($1, '$.hour', $2 / 3600, '$.minute', $2 / 60 % 60, '$.second', $2 % 60) END"},
    {"on_day", "",
     "CASE WHEN $2 GLOB '[0-9]*' AND $2 NOT GLOB '0000*' THEN json_set($1, '$.year', substr($2, 1, 4) + 0, '$.month', "
     "substr($2, 6, 2) + "
     "0, '$.day', substr($2, 9, 2) + 0) END"},
    {"floor_over", "", "$1 / $2 - ($1 % $2 < 0)"},
    {"moved_to", "", "@moved_by($1, @floor_over($2, 86400), $2)"},  // to that second since its midnight
    {"moved_by", "",
     "@set_time(CASE WHEN @iso_date($1) ISNULL THEN $1 ELSE @on_day($1, date(@iso_date($1), $2 || ' days')) END, $3 - 86400 * "
     "$2)"},
    {"add_seconds", "", "@moved_to($1, @second_of_day($1) + $2)"},
    {"bucket", "",
     "CASE WHEN $2 > 0 THEN @moved_to($1, 60 * ($2 * @floor_over(($1 ->> 'hour') * 60 + ($1 ->> 'minute') - $3, $2) + $3 + "
     "$4)) END"},
    {"add_days", "", "@on_day($1, date(@iso_date($1), $2 || ' days'))"},
    {"month_begin", "", "@part($1, 'yyyy') || '-' || @part($1, 'MM') || '-01'"},
    {"add_months", "", "@on_day($1, @day_in_month(date(@month_begin($1), $2 || ' months'), $1 ->> 'day'))"},
    {"day_in_month", "", "date($1, (min($2, strftime('%d', $1, '+1 month', '-1 day') + 0) - 1) || ' days')"},
    {"month_end", "", "@on_day($1, date(@month_begin($1), '+1 month', '-1 day'))"},
};

std::span<const SqlRow> SqlDates() { return kRows; }

}  // namespace hasten::solve
