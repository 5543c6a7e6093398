// The stages that patterns are made of. Each docstring gives the regular expression that the stage equals, with \s as
// Unicode's White_Space. "Cuts out": every match becomes a piece, and so does every stretch between two matches.
#pragma once

#include "tokenizer/pretokenize/pretokenizer.h"

namespace hasten {

// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
SplitStage SplitGpt2;

// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
SplitStage SplitLlama3;          // as above
SplitStage SplitQwen2;           // \p{N} in place of \p{N}{1,3}
SplitStage SplitQwen35;          // so too, and letters and marks together: [\p{L}\p{M}]+, [^\s\p{L}\p{M}\p{N}]+
SplitStage SplitSeedCoder;       // as qwen2, without [\r\n]* behind symbols
SplitStage SplitNoContractions;  // as qwen2, without the first alternative

// Words that begin with capitals: with U = [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], l = [\p{Ll}\p{Lm}\p{Lo}\p{M}],
// c = (?i:'s|'t|'re|'ve|'m|'ll|'d)?
// [^\r\n\p{L}\p{N}]?U*l+c|[^\r\n\p{L}\p{N}]?U+l*c|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
SplitStage SplitO200k;
SplitStage SplitTekken;  // without c, and \p{N} in place of \p{N}{1,3}

// [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|…
SplitStage SplitDeepseekV3Words;

SplitStage CutNumber;             // cuts out \p{N}
SplitStage CutNumberRuns;         // cuts out \p{N}+
SplitStage CutNumberTriples;      // cuts out \p{N}{1,3}
SplitStage CutThreeDigits;        // cuts out [0-9][0-9][0-9]
SplitStage CutLineEnds;           // cuts out [\r\n]
SplitStage CutLines;              // [^\n]+|\n+
SplitStage CutPunctuation;        // cuts out [\p{P}$+<=>^~|]+
SplitStage CutPunctuationOrTick;  // so too, with ` among them
SplitStage CutSpacedLetters;      // cuts out \s?\p{L}+
SplitStage CutSpacedPunctuation;  // cuts out \s?\p{P}+
SplitStage CutDeepseekLetters;    // cuts out \s? and a run of the cased letters of DeepSeek's own list
SplitStage CutDeepseekMarks;      // cuts out \s?[!-/:-~！-／：-～‘-‟　-。]+
SplitStage CutTrailingSpace;      // cuts out \s+$
SplitStage CutAsianRuns;          // cuts out [一-龥ࠀ-一가-퟿]+, white space aside
SplitStage CutCjkRuns;            // cuts out [一-龥぀-ゟ゠-ヿ]+

}  // namespace hasten
