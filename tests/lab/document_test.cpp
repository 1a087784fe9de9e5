#include "scenarios/lab/yaml/document.hpp"

#include <catch2/catch.hpp>

#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string parse_complaint(const std::string& text) {
  return complaint([&] { parse_document(text, "f"); });
}

}  // namespace

TEST_CASE("Everything in a document knows its place") {
  const Value document = parse_document("a: 1\nb:\n  - x\n  - {c: [d]}\n", "dir/f.yaml");
  CHECK(document.at.text() == "dir/f.yaml:1:1");
  CHECK(document.entries[1].at.text() == "dir/f.yaml:2:1");
  const Value& c = *document.find("b")->items[1].find("c");
  CHECK(c.at.text() == "dir/f.yaml:4:9");
  CHECK(c.items[0].at.text() == "dir/f.yaml:4:10");
  CHECK(document.find("c") == nullptr);
}

TEST_CASE("What is not one YAML document is refused where it goes wrong") {
  CHECK(parse_complaint("") == "f:1:1: empty; it takes one YAML document");
  CHECK(parse_complaint("# nothing\n\n") == "f:1:1: empty; it takes one YAML document");
  CHECK(parse_complaint("a: 1\n---\nb: 2\n") == "f:2:1: a second YAML document begins; a file holds one");
  CHECK(parse_complaint("a: 1\nb: 2\na: 3\n") == "f:3:1: duplicate key 'a'; it was given on line 1 already");
  CHECK(parse_complaint("x: {b: 1, b: 2}") == "f:1:11: duplicate key 'b'; it was given on line 1 already");
  CHECK(parse_complaint("[1, 2]: 3") == "f:1:1: a key has to be a plain word");
  CHECK(parse_complaint("{a: 1}: 3") == "f:1:1: a key has to be a plain word");
  CHECK(parse_complaint("~: 3") == "f:1:1: a key has to be a plain word");
  CHECK(parse_complaint("a:\n\tb: 1\n") == "f:2:3: not YAML: illegal map value");
  CHECK(parse_complaint("a: [1, 2\nb: 3\n") == "f:2:2: not YAML: end of sequence flow not found");
  CHECK(parse_complaint("a: *b") == "f:1:4: not YAML: the referenced anchor is not defined");
}

TEST_CASE("A document cannot exhaust the stack or the memory") {
  const std::string too_deep = "too many brackets in brackets; up to 100 are allowed";
  CHECK(parse_complaint(repeated("[", 100) + repeated("]", 100)) == "nothing");
  CHECK(parse_complaint(repeated("[", 101) + repeated("]", 101)) == "f:1:101: " + too_deep);
  CHECK_THAT(parse_complaint(repeated("[", 100'000)), Catch::StartsWith("f:1:"));
  CHECK_THAT(parse_complaint(repeated("{a: ", 100'000)), Catch::StartsWith("f:1:"));
  CHECK_THAT(parse_complaint(repeated("- ", 100'000)), Catch::StartsWith("f:1:"));
  CHECK(parse_complaint("a: &x [*x]") == "f:1:8: a value cannot be an entry of itself");
  CHECK(parse_complaint("a: &x {b: *x}") == "f:1:11: a value cannot be an entry of itself");
  // yaml-cpp's own LoadAll never comes back from this one.
  CHECK(parse_complaint(", b\na: 1") == "f:1:1: a second YAML document begins; a file holds one");

  std::string bomb = "- &a0 [1]\n";  // 10^9 ones.
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "- &a" + std::to_string(i) + " [" + last + repeated("," + last, 9) + "]\n";
  }
  CHECK_THAT(parse_complaint(bomb), Catch::EndsWith("too many values; a document holds up to a million"));
}

TEST_CASE("Lines may end as on other systems") {
  CHECK(to_yaml(parse_document("a: 1\r\nb:\r\n  c: x\r\n", "f")) ==
        to_yaml(parse_document("a: 1\nb: {c: x}", "f")));
}

TEST_CASE("What is written as YAML reads back") {
  const std::string text =
      R"(plain: [a b, 1e-3, true, "", "null", "~", "a: b", "#x", "- x", " x ", "'", "\"", "[", "ü"]
lines: "one\ntwo\ttab"
"a: key": {nothing: ~, list: [], map: {}})";
  const Value value = parse_document(text, "f");
  const Value again = parse_document(to_yaml(value), "g");
  for (std::size_t i = 0; i < value.entries[0].value.items.size(); ++i) {
    CHECK(again.entries[0].value.items[i].kind == Value::Kind::scalar);
    CHECK(again.entries[0].value.items[i].scalar == value.entries[0].value.items[i].scalar);
  }
  CHECK(again.find("lines")->scalar == "one\ntwo\ttab");
  const Value& map = *again.find("a: key");
  CHECK(map.find("nothing")->kind == Value::Kind::null);
  CHECK(map.find("list")->kind == Value::Kind::sequence);
  CHECK(map.find("map")->kind == Value::Kind::map);
  CHECK(to_yaml(again) == to_yaml(value));
}

TEST_CASE("Texts that are truth to readers of YAML 1.1 are written in quotes") {
  const Value value = parse_document("{name: no, On: [off, YES, nope, true]}", "f");
  CHECK(to_yaml(value) == "name: \"no\"\n\"On\": [\"off\", \"YES\", nope, true]\n");
  CHECK(to_flow_yaml(parse_document(to_yaml(value), "g")) ==
        "{name: \"no\", \"On\": [\"off\", \"YES\", nope, true]}");
}

TEST_CASE("A file that cannot be read is said to be so") {
  const TemporaryFolder folder;
  const auto of = [](const std::string& path) { return complaint([&] { read_document(path); }); };
  const std::string missing = folder.path() / "missing.yaml";
  CHECK(of(missing) == missing + ": cannot be read: No such file or directory");
  CHECK(of(folder.path()) == folder.path().string() + ": cannot be read: Is a directory");
  CHECK(of(folder.write("empty", "")) ==
        (folder.path() / "empty").string() + ":1:1: empty; it takes one YAML document");
  CHECK(read_document(folder.write("a.yaml", "a: 1")).find("a")->scalar == "1");
}

TEST_CASE("--set changes, adds and replaces") {
  Value document = parse_document("a: {b: 1}\nnothing:\n", "f");
  set(document, "a.b=2");
  set(document, "a.c=[x, 10 Mbit/s]");
  set(document, "new.map.d=e=f");
  set(document, "nothing.g=1");
  CHECK(to_yaml(document) == to_yaml(parse_document("a: {b: 2, c: [x, 10 Mbit/s]}\nnothing: {g: 1}\n"
                                                    "new: {map: {d: e=f}}",
                                                    "f")));
  set(document, "a.b=~");
  CHECK(document.find("a")->find("b") == nullptr);
  set(document, "a=~");
  CHECK(document.find("a") == nullptr);
  CHECK(complaint([&] { set(document, "a.b=~"); }) == "--set a.b=~: there is no 'a.b' to remove");
  Value swept = parse_document("sweep: {a.b: [1], a: {b: 2}}", "f");
  set(swept, "sweep.a.b=[3]");
  CHECK(to_flow_yaml(swept) == "{sweep: {a.b: [3], a: {b: 2}}}");
  for (const char* without : {"seed: 1", "{seed: 1, sweep: }"}) {
    Value begun = parse_document(without, "f");
    set(begun, "sweep.a.b=[3]");
    set(begun, "sweep.c.d=[4]");
    CHECK(to_flow_yaml(begun) == "{seed: 1, sweep: {a.b: [3], c.d: [4]}}");
  }
}

TEST_CASE("In one line whatever the length") {
  std::string text = "{list: [";
  for (int k = 0; k < 200; ++k) text += std::to_string(k) + (k < 199 ? ", " : "");
  text += "], text: \"" + std::string(200, 'x') + ", and a\\nline\"}";
  const std::string flow = to_flow_yaml(parse_document(text, "f"));
  CHECK(flow == text);
  CHECK(to_yaml(parse_document(flow, "f")) == to_yaml(parse_document(text, "f")));
}

TEST_CASE("Mistakes on the command line have no lines") {
  const auto of = [](const std::string& assignment) {
    Value document = parse_document("a: {b: 1}\nlist: [1]\nquantizer: threshold", "f");
    return complaint([&] { set(document, assignment); });
  };
  const std::string not_an_assignment =
      ": not an assignment; write path=value, for instance network.latency='1 ms'";
  CHECK(of("a.b") == "--set a.b" + not_an_assignment);
  CHECK(of("=1") == "--set =1" + not_an_assignment);
  CHECK(of("a.b=") == "--set a.b=: empty; it takes one YAML document");
  CHECK(of("a.b.c=1") == "--set a.b.c=1: there is no 'a.b.c'; what stands before 'c' has to be a map");
  CHECK(of("quantizer.optimal=true") ==
        "--set quantizer.optimal=true: there is no 'quantizer.optimal'; what stands before 'optimal' has to "
        "be a map, {kind: threshold}");
  CHECK(of("list.0=1") == "--set list.0=1: there is no 'list.0'; what stands before '0' has to be a map");
  CHECK(of("a..b=1") == "--set a..b=1: 'a..b' is not a path; it takes keys and dots between");
  CHECK(of("a.=1") == "--set a.=1: 'a.' is not a path; it takes keys and dots between");
  CHECK(of("a=[1") == "--set a=[1: not YAML: end of sequence flow not found");
  CHECK(of("a={c: 1, c: 2}") == "--set a={c: 1, c: 2}: duplicate key 'c'; it was given already");
}
