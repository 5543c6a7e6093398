// Tables as people write them: read, written again, and refused with a sentence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "text/encoding.h"
#include "text/json.h"
#include "text/table.h"

namespace hasten {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Texts(const std::vector<Field>& row) {
  std::vector<std::string> texts;
  for (const Field& f : row) texts.push_back(f.missing ? "<missing>" : f.text);
  return texts;
}

Table Read(const std::string& bytes, TableOptions options = {}) {
  auto table = ReadTable(bytes, options);
  EXPECT_TRUE(table) << table.error().what;
  return table ? *std::move(table) : Table{};
}

TEST(Table, ReadsQuotesBreaksAndSeparators) {
  const Table t = Read("name,note,out\r\n\"Doe, Jane\",\"said \"\"hi\"\"\nand left\",x\r\nPlain,,\"\"\n");
  EXPECT_THAT(t.columns, ElementsAre("name", "note", "out"));
  ASSERT_EQ(t.rows.size(), 2u);
  EXPECT_THAT(Texts(t.rows[0]), ElementsAre("Doe, Jane", "said \"hi\"\nand left", "x"));
  EXPECT_FALSE(t.rows[1][1].quoted);
  EXPECT_TRUE(t.rows[1][2].quoted);
  EXPECT_THAT(t.lines, ElementsAre(2u, 4u));
}

TEST(Table, GuessesWhatItIs) {
  EXPECT_EQ(Read("a\tb\nx\ty\n").format, TableFormat::kTsv);
  EXPECT_EQ(Read("a;b\nx;y, z\n").separator, ';');
  EXPECT_EQ(Read("{\"a\":1}\n").format, TableFormat::kJsonLines);
  EXPECT_TRUE(Read("name,code\nx,y\n").header);
  EXPECT_FALSE(Read("10,a\n11,b\n").header);
  EXPECT_FALSE(Read("name,code\nx,y\n", {{}, false, {}}).header);
}

TEST(Table, EncodingsBecomeUtf8) {
  EXPECT_EQ(Read("\xef\xbb\xbfname,o\nx,y\n").columns[0], "name");
  EXPECT_EQ(Read("n\xe9,o\nx,y\n").columns[0], "né");
  EXPECT_EQ(DecodeText(std::string("\xff\xfe"
                                   "a\0\xac\x20",
                                   6))
                .utf8,
            "a€");
  EXPECT_EQ(DecodeText(std::string("\xfe\xff\xd8\x3d\xde\x00", 6)).utf8, "😀");
}

TEST(Table, ShortRowsAreFilledAndLongOnesNamed) {
  EXPECT_THAT(Texts(Read("a,b,c\n1,2\n").rows[0]), ElementsAre("1", "2", "<missing>"));
  EXPECT_THAT(Texts(Read("a,b\nx,y,,\n").rows[0]), ElementsAre("x", "y"));
  const auto longer = ReadTable("a,b\nx,y\nx,y,z\n", {});
  ASSERT_FALSE(longer);
  EXPECT_THAT(longer.error().what, HasSubstr("line 3: 3 fields where the header has 2"));
}

TEST(Table, DamageIsNamed) {
  for (const auto& [bytes, what] :
       std::vector<std::pair<std::string, std::string>>{{"", "no rows"},
                                                        {"a,b\n\"x,y\n", "line 2: a quote that is never closed"},
                                                        {std::string("a\0b", 3), "zero bytes"},
                                                        {"{\"a\":1}\n[2]\n", "line 2: not an object"}}) {
    const auto table = ReadTable(bytes, {});
    ASSERT_FALSE(table) << bytes;
    EXPECT_THAT(table.error().what, HasSubstr(what));
  }
}

TEST(Table, IsWrittenAsItWasRead) {
  for (const std::string text :
       {"a,b\nx,\"y,z\"\n\"q\"\"q\",\"\"\n", "a;b\r\n\"x\";y\r\n\"two\nlines\";z\r\n", "a,b\r\nx,y", "\"a\",b\rx,y\r",
        "{\"a\":\"x\"}\r\n{\"a\":\"y\"}", "a\tb\nx\ty z\n", "{\"a\":\"x\",\"b\":1.5}\n{\"a\":null,\"b\":\"\"}\n"}) {
    EXPECT_EQ(WriteTable(Read(text)), text);
  }
}

TEST(Table, KeepsItsEncoding) {
  const std::string utf8 = "name;out\r\nn\u00e9\u20ac;x\r\n";
  for (const Encoding encoding :
       {Encoding::kUtf8, Encoding::kUtf8Bom, Encoding::kUtf16Le, Encoding::kUtf16Be, Encoding::kWindows1252}) {
    const auto bytes = EncodeText(utf8, encoding);
    ASSERT_TRUE(bytes);
    const Table table = Read(*bytes);
    EXPECT_EQ(table.encoding, encoding);
    EXPECT_EQ(EncodeText(WriteTable(table), table.encoding), bytes);
  }
  EXPECT_EQ(EncodeText("\u00e9\u20ac\u2014", Encoding::kWindows1252), "\xe9\x80\x97");
  EXPECT_EQ(EncodeText("\U0001F600", Encoding::kUtf16Be), std::string("\xfe\xff\xd8\x3d\xde\x00", 6));
  EXPECT_FALSE(EncodeText("\u4e2d", Encoding::kWindows1252));  // Windows-1252 has no such character
}

TEST(Json, DepthIsLimitedBeforeParsing) {
  EXPECT_TRUE(ParseJson("[[\"[[[[\"]]", 2));
  EXPECT_FALSE(ParseJson("[[[1]]]", 2));
  EXPECT_FALSE(ParseJson(std::string(1000000, '[')));
  EXPECT_FALSE(ParseJson("{\"a\":}"));
}

}  // namespace
}  // namespace hasten
