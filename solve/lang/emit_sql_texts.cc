// Texts in SQLite: characters, tokens, parts. Lists are JSON arrays; a token is its bounds, [begin, end].
#include "solve/lang/emit_sql.h"

namespace hasten::solve {

static constexpr SqlRow kRows[] = {
    {"slice", "", "CASE WHEN $2 >= 0 AND $3 BETWEEN $2 AND length($1) THEN substr($1, $2 + 1, $3 - $2) END"},
    {"at", "0", "0"},
    {"at", "-1", "length($1)"},
    {"at", "", "@skip($1, CASE WHEN $2 < 0 THEN length($1) + 1 ELSE 0 END, $2)"},
    {"skip", "", "CASE WHEN $2 + $3 BETWEEN 0 AND length($1) THEN $2 + $3 END"},

    // Lists.
    {"kth", "", "json_extract($1, '$[' || CASE WHEN $2 > 0 THEN $2 - 1 WHEN $2 < 0 THEN '#' || $2 END || ']')"},
    {"found", "",
     "(WITH RECURSIVE hit(at) AS (SELECT instr($1, $2) - 1 WHERE $2 <> '' UNION ALL SELECT at + length($2) - 1 + "
     "nullif(instr(substr($1, at + length($2) + 1), $2), 0) FROM hit WHERE at >= 0) "
     "SELECT json_group_array(at) FROM hit WHERE at >= 0)"},
    {"find", "1, 0", "nullif(instr($1, $2), 0) - 1"},
    {"find", "1, 1", "nullif(instr($1, $2), 0) - 1 + length($2)"},
    {"find", "0", "@kth(@found($1, $2), $3)"},
    {"find", "1", "@kth(@found($1, $2), $3) + length($2)"},
    {"split", "",
     "(WITH RECURSIVE split(part, rest) AS (SELECT NULL, $1 UNION ALL SELECT CASE instr(rest, $2) WHEN 0 THEN rest ELSE "
     "substr(rest, 1, instr(rest, $2) - 1) END, CASE WHEN instr(rest, $2) > 0 THEN substr(rest, instr(rest, $2) + "
     "length($2)) "
     "END FROM split WHERE rest NOTNULL) SELECT json_group_array(part) FROM split WHERE part NOTNULL)"},
    {"field", "1", "CASE instr($1, $2) WHEN 0 THEN $1 ELSE substr($1, 1, instr($1, $2) - 1) END"},
    {"field", "", "@kth(@split($1, $2), $3)"},
    {"items", "'sorted'", "(SELECT group_concat(value, $2) FROM (SELECT value FROM json_each(@split($1, $2)) ORDER BY value))"},
    {"items", "'sorted down'",
     "(SELECT group_concat(value, $2) FROM (SELECT value FROM json_each(@split($1, $2)) ORDER BY value DESC))"},
    {"items", "'unique'",
     "(SELECT group_concat(value, $2) FROM (SELECT value FROM json_each(@split($1, $2)) GROUP BY value ORDER BY min(key)))"},
    {"items", "'reversed'",
     "(SELECT group_concat(value, $2) FROM (SELECT value FROM json_each(@split($1, $2)) ORDER BY key DESC))"},
    {"items_with", "",
     "CASE WHEN $1 NOTNULL THEN coalesce((SELECT group_concat(value, $2) FROM json_each(@split($1, $2)) WHERE "
     "substr(value, 1, length($3)) = $3), '') END"},
    {"count_of", "", "(length($1) - length(replace($1, $2, ''))) / max(length($2), 1)"},

    // Kinds of tokens. A walk over the characters keeps where the token began that the last one belongs to: $1 is the text, c
    // the character at i, and begin NULL where the one before it belongs to no token. Characters beyond ASCII count as small
    // letters.
    {"is_letter", "", "(&1 GLOB '[A-Za-z]' OR &1 >= char(128))"},
    {"is_lower", "", "(&1 GLOB '[a-z]' OR &1 >= char(128))"},
    {"is_word", "", "(&1 GLOB '[0-9A-Za-z]' OR &1 >= char(128))"},
    {"is_space", "", "(instr(char(32, 9, 10, 11, 12, 13), &1) > 0)"},
    {"belongs", "'digits'", "c GLOB '[0-9]'"},
    {"belongs", "'number'",
     "c GLOB '[0-9]' OR begin NOTNULL AND instr(substr($1, begin + 1, i - begin), '.') = 0 AND "
     "(substr($1, i + 1, 2) GLOB '.[0-9]' OR substr($1, i + 1, 5) || '.' GLOB ',[0-9][0-9][0-9][^0-9]*')"},
    {"belongs", "'letters'", "#is_letter(c)"},
    {"belongs", "'upper'", "c GLOB '[A-Z]'"},
    {"belongs", "'lower'", "#is_lower(c)"},
    {"belongs", "'capitalised'", "c GLOB '[A-Z]' AND #is_lower(substr($1, i + 2, 1)) OR begin NOTNULL AND #is_lower(c)"},
    {"belongs", "'word'", "#is_word(c)"},
    {"belongs", "'space'", "#is_space(c)"},
    {"belongs", "'nonspace'", "NOT #is_space(c)"},
    {"belongs", "'marks'", "NOT (#is_word(c) OR #is_space(c))"},
    {"belongs", "'hump'", "#is_word(c)"},
    {"begins", "'capitalised'", "c GLOB '[A-Z]'"},
    {"begins", "'hump'",
     "(substr($1, i, 1) GLOB '[0-9]') <> (c GLOB '[0-9]') OR c GLOB '[A-Z]' AND "
     "(#is_lower(substr($1, i, 1)) OR #is_lower(substr($1, i + 2, 1)))"},
    {"begins", "", "0"},
    {"tokens", "",
     "(WITH RECURSIVE walk(i, c, begin) AS (SELECT 0, substr($1, 1, 1), NULL UNION ALL SELECT i + 1, substr($1, i + 2, 1), "
     "CASE WHEN NOT #belongs($1, $2) THEN NULL WHEN begin NOTNULL AND NOT #begins($1, $2) THEN begin ELSE i END FROM walk "
     "WHERE c <> '') SELECT json_group_array(json_array(begin, behind)) FROM (SELECT begin, max(i) AS behind FROM walk WHERE "
     "begin NOTNULL GROUP BY begin))"},
    {"piece", "", "substr($1, ($2 ->> 0) + 1, ($2 ->> 1) - ($2 ->> 0))"},
    {"match", "", "@piece($1, @kth(@tokens($1, $2), $3))"},
    {"token", "0", "@kth(@tokens($1, $2), $3) ->> 0"},
    {"token", "1", "@kth(@tokens($1, $2), $3) ->> 1"},
    {"between", "",
     "@kth((SELECT json_group_array(token.value ->> 1) FROM json_each(@tokens($1, $2)) AS token WHERE token.value ->> 1 IN "
     "(SELECT next.value ->> 0 FROM json_each(@tokens($1, $3)) AS next)), $4)"},
    {"join", "",
     "CASE WHEN $1 NOTNULL THEN coalesce((SELECT group_concat(#piece($1, token.value), $3) FROM "
     "json_each(@tokens($1, $2)) AS token), '') END"},
    {"keep", "", "@join($1, $2, '')"},
    {"squeeze", "", "@join($1, 'nonspace', ' ')"},
    {"initials", "", "(SELECT group_concat(substr($1, (value ->> 0) + 1, 1), $3) FROM json_each(@tokens($1, $2)))"},
    {"drop", "",
     "(SELECT coalesce(group_concat(substr($1, last + 1, (value ->> 0) - last), ''), '') FROM (SELECT value, lag(value ->> "
     "1, 1, 0) "
     "OVER (ORDER BY key) AS last FROM json_each(@tokens($1, $2)))) || "
     "substr($1, coalesce(json_extract(@tokens($1, $2), '$[#-1][1]'), 0) + 1)"},
    {"count", "", "CASE WHEN $1 NOTNULL THEN json_array_length(@tokens($1, $2)) END"},

    // A text built from another's characters: s is what there is of it, c the next character.
    {"fold", "",
     "(WITH RECURSIVE fold(i, c, s) AS (SELECT 0, substr($1, 1, 1), '' UNION ALL SELECT i + 1, substr($1, i + 2, 1), &2 FROM "
     "fold WHERE c <> '') SELECT s FROM fold WHERE i = length($1))"},
    {"reverse", "", "@fold($1, c || s)"},
    {"groups", "", "@fold($1, s || CASE WHEN i > 0 AND i % $2 = 0 THEN $3 ELSE '' END || c)"},
    {"without", "", "@fold($1, CASE WHEN instr($2, c) THEN s ELSE s || c END)"},
    {"plain", "",
     "@fold($1, s || CASE WHEN unicode(c) BETWEEN 192 AND 383 THEN replace(substr($2, unicode(c) - 191, 1), '?', c) ELSE c "
     "END)"},
    {"shape", "", "@fold($1, CASE substr(s, -1) WHEN #shape_of(c) THEN s ELSE s || #shape_of(c) END) = $2"},
    {"shape_of", "",
     "CASE WHEN &1 GLOB '[0-9]' THEN '9' WHEN &1 GLOB '[A-Z]' THEN 'A' WHEN #is_lower(&1) THEN 'a' WHEN #is_space(&1) THEN ' "
     "' "
     "ELSE &1 END"},

    // SQLite's upper and lower know ASCII alone; U+00C0 to U+00FE without the signs of multiplication and division follow
    // here.
    {"upper_of", "",
     "CASE WHEN unicode(&1) BETWEEN 224 AND 254 AND &1 <> char(247) THEN char(unicode(&1) - 32) ELSE upper(&1) END"},
    {"lower_of", "",
     "CASE WHEN unicode(&1) BETWEEN 192 AND 222 AND &1 <> char(215) THEN char(unicode(&1) + 32) ELSE lower(&1) END"},
    {"upper", "", "@fold($1, s || #upper_of(c))"},
    {"lower", "", "@fold($1, s || #lower_of(c))"},
    {"capital", "", "@upper(substr($1, 1, 1)) || @lower(substr($1, 2))"},
    {"title", "", "@fold(@lower($1), s || CASE WHEN #is_word(substr(rtrim(s, ''''), -1)) THEN c ELSE #upper_of(c) END)"},

    {"trim", "", "trim($1, char(32, 9, 10, 11, 12, 13))"},
    {"replace", "", "replace($1, $2, $3)"},
    {"pad", "", "substr(replace(hex(zeroblob($2)), '00', $3), 1, $2 - length($1))"},
    {"pad_left", "", "CASE WHEN length($1) >= $2 THEN $1 ELSE @pad($1, $2, $3) || $1 END"},
    {"pad_right", "", "CASE WHEN length($1) >= $2 THEN $1 ELSE $1 || @pad($1, $2, $3) END"},
    {"length", "", "length($1)"},

    {"if", "", "CASE WHEN $1 THEN $2 ELSE $3 END"},
    {"first", "", "coalesce($1, $2)"},
    {"first_of", "", "CASE WHEN $1 ISNULL THEN $3 ELSE $2 END"},
    {"nothing", "", "NULL"},
    {"is_nothing", "", "$1 ISNULL"},
    {"not", "", "NOT coalesce($1, 0)"},
    {"contains", "", "instr($1, $2) > 0"},
    {"starts", "", "substr($1, 1, length($2)) = $2"},
    {"ends", "", "substr($1, -length($2)) = $2"},
    {"equals", "", "$1 = $2"},
    {"empty", "", "@trim(coalesce($1, '')) = ''"},
};

std::span<const SqlRow> SqlTexts() { return kRows; }

}  // namespace hasten::solve
