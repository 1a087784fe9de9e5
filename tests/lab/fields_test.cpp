#include "scenarios/lab/yaml/fields.hpp"

#include <catch2/catch.hpp>

#include "algorithms/compressors/wire.hpp"
#include "scenarios/lab/scenario/compressors.hpp"
#include "scenarios/lab/scenario/partitions.hpp"
#include "scenarios/lab/scenario/scenario.hpp"
#include "scenarios/lab/scenario/texts.hpp"
#include "scenarios/lab/scenario/topologies.hpp"
#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

/// The value that a text means, or nothing where it is refused.
template <class T>
std::optional<T> read(const std::string& text, std::string_view domain = "") {
  T field{};
  const Value value = parse_document(text, "f");
  return Text<T>::read(value, field, domain) ? std::optional(std::move(field)) : std::nullopt;
}

/// The text of a value that was read from a text.
template <class T>
std::string again(const std::string& text) {
  return to_yaml(Text<T>::write(read<T>(text).value()));
}

/// One of each sort.
struct Sample {
  Required<int> count;
  double rate = 0.5;
  std::vector<std::vector<double>> points;
  static void fields(auto& self, auto&& visit) {
    visit("count", self.count, "[1, inf)", "has to be given");
    visit("rate", self.rate, "(0, 1]", "");
    visit("points", self.points, "", "");
  }
};

std::string sample_complaint(const std::string& text) {
  return complaint([&] {
    const Value map = parse_document(text, "f");
    Sample sample;
    Reader reader(map, "sample");
    Sample::fields(sample, reader);
    reader.finish();
  });
}

}  // namespace

TEST_CASE("Real numbers") {
  CHECK(read<double>("1e-3") == 1e-3);
  CHECK(read<double>(".5") == 0.5);
  CHECK(read<double>("+2") == 2);
  CHECK(read<double>("-7") == -7);
  for (const char* text : {"nan", ".nan", "inf", ".inf", "1e999", "1e-999", "1,5", "0x10", "1_000", "+-1",
                           "1 s", "''", "[1]", "{a: 1}", "~"}) {
    INFO(text);
    CHECK_FALSE(read<double>(text));
  }
  CHECK(again<double>("0.1") == "0.1\n");
  CHECK(again<double>("0.30000000000000004") == "0.30000000000000004\n");
}

TEST_CASE("Integers may be written as powers of ten") {
  CHECK(read<int>("1e6") == 1'000'000);
  CHECK(read<int>("2.5e1") == 25);
  CHECK(read<int>("-3") == -3);
  CHECK(read<std::int64_t>("9007199254740993") == 9007199254740993);  // 2^53 + 1.
  CHECK(read<std::uint64_t>("18446744073709551615") == 18446744073709551615U);
  for (const char* text :
       {"1e-3", "1.5", "1e10", "1e300", "-1e300", "3000000000", "0x10", "ten", "''", "[1]", "~"}) {
    INFO(text);
    CHECK_FALSE(read<int>(text));
  }
  CHECK_FALSE(read<std::uint64_t>("-1"));
  CHECK_FALSE(read<std::int64_t>("1e16"));  // Beyond 2^53 only digits are exact.
}

TEST_CASE("Domains are intervals") {
  CHECK(read<double>("0", "[0, 1)"));
  CHECK_FALSE(read<double>("1", "[0, 1)"));
  CHECK_FALSE(read<double>("0", "(0, 1]"));
  CHECK(read<double>("1", "(0, 1]"));
  CHECK(read<double>("1e300", "[0, inf)"));
  CHECK_FALSE(read<double>("-1e-300", "[0, inf)"));
  CHECK(read<double>("-5", "(-inf, inf)"));
  CHECK(read<int>("1", "[1, inf)"));
  CHECK_FALSE(read<int>("0", "[1, inf)"));
  CHECK_FALSE(read<int>("0e0", "[1, inf)"));
}

TEST_CASE("Truth is true or false") {
  CHECK(read<bool>("true") == true);
  CHECK(read<bool>("false") == false);
  for (const char* text : {"yes", "True", "1", "~", "[true]"}) CHECK_FALSE(read<bool>(text));
}

TEST_CASE("Quantities need their units") {
  CHECK(read<Duration>("10 ms") == Duration(10'000'000));
  CHECK(read<Bandwidth>("100 Mbit/s") == Bandwidth{100'000'000});
  CHECK(read<Bandwidth>("unlimited") == Bandwidth::unlimited());
  CHECK(read<Bits>("40 B") == Bits{320});
  for (const char* text : {"10", "0", "10 m", "-1 ms", "10 Mbit/s", "[10 ms]", "~"})
    CHECK_FALSE(read<Duration>(text));
  for (const char* text : {"10", "0 Mbit/s", "10 Mbit", "10 MB/s", "10 ms"})
    CHECK_FALSE(read<Bandwidth>(text));
  for (const char* text : {"10", "10 Mbit/s", "10 b"}) CHECK_FALSE(read<Bits>(text));
  CHECK(again<Duration>("1500 us") == "1500 us\n");
  CHECK(again<Bandwidth>("0.5 Mbit/s") == "500 kbit/s\n");
  CHECK(again<Bits>("4 Mbit") == "500 kB\n");
}

TEST_CASE("Names of an enumeration") {
  CHECK(read<Wire>("float64") == Wire::float64);
  CHECK_FALSE(read<Wire>("double"));
  CHECK_FALSE(read<Wire>("[float64]"));
  CHECK(Text<Wire>::expected("") == "one of float16, bfloat16, float32, float64");
  CHECK(again<Wire>("float32") == "float32\n");
  CHECK(again<Wire>("bfloat16") == "bfloat16\n");
}

TEST_CASE("Batches are full or a number of rows") {
  CHECK(read<BatchSize>("full") == BatchSize{});
  CHECK(read<BatchSize>("64") == BatchSize{64});
  CHECK(read<BatchSize>("1e2") == BatchSize{100});
  CHECK(again<BatchSize>("full") == "full\n");
  CHECK(again<BatchSize>("1e2") == "100\n");
  for (const char* text : {"0", "-1", "half", "1.5", "[64]"}) CHECK_FALSE(read<BatchSize>(text));
}

TEST_CASE("Paths in a file are relative to it, on the command line to where the command runs") {
  Value document = parse_document("a: sub/../w.txt", "dir/f.yaml");
  InputFile file;
  REQUIRE(Text<InputFile>::read(*document.find("a"), file, ""));
  CHECK(file.path == "dir/sub/../w.txt");  // Where sub is a link, that is not dir/w.txt.
  CHECK(Text<InputFile>::write(file).scalar == "sub/../w.txt");
  set(document, "a=w.txt");
  REQUIRE(Text<InputFile>::read(*document.find("a"), file, ""));
  CHECK(file.path == "w.txt");
  CHECK(Text<InputFile>::write(InputFile("/x/w.txt")).scalar == "/x/w.txt");
}

TEST_CASE("The nearest name is suggested where one is near") {
  CHECK(suggestion("metropols", {"lazy", "metropolis"}) ==
        " did you mean 'metropolis'? there are: lazy, metropolis");
  CHECK(suggestion("quite else", {"lazy", "metropolis"}) == " there are: lazy, metropolis");
}

TEST_CASE("A section is read strictly") {
  CHECK(sample_complaint("{count: 1}") == "nothing");
  CHECK(sample_complaint("{rate: 1}") ==
        "f:1:1: sample: missing key 'count'; it takes an integer in [1, 2147483647]");
  CHECK(sample_complaint("{rate: 1, cuont: 3}") ==  // Also missing, but this says why.
        "f:1:11: unknown key 'cuont' in sample; did you mean 'count'? there are: count, rate, points");
  CHECK(sample_complaint("{count: 0}") ==
        "f:1:9: count: '0' is not allowed; it takes an integer in [1, 2147483647]");
  CHECK(sample_complaint("{count: 1, rate: [1]}") ==
        "f:1:18: rate: a list is not allowed; it takes a number in (0, 1]");
  CHECK(sample_complaint("{count: }") ==
        "f:1:2: count: nothing is not allowed; it takes an integer in [1, 2147483647]");
  CHECK(sample_complaint("{count: 1, points: [[1, 2],\n[3, x]]}") ==
        "f:2:5: 'x' is not allowed; it takes a number");
  CHECK(sample_complaint("{count: 1, points: [[1], 2]}") ==
        "f:1:26: '2' is not allowed; it takes a list, [...], in which every entry is a number");
  CHECK(sample_complaint("[count, 1]") == "f:1:1: sample: found a list; it takes a map, {key: value, ...}");
}

TEST_CASE("Listed fields have their defaults, and none where they have to be given") {
  const auto fields = list_fields(Sample{});
  REQUIRE(fields.size() == 3);
  CHECK(fields[0].initial.empty());
  CHECK(fields[1].initial == "0.5");
  CHECK(fields[2].initial == "none");
}

namespace {

struct Outer {
  std::string dataset = "mine";
  Sample inner;
  static void fields(auto& self, auto&& visit) {
    visit("dataset", self.dataset, "", "");
    if (self.dataset == "synthetic") visit("inner", self.inner, "", "what to draw");
  }
};

}  // namespace

TEST_CASE("Fields are listed with those of maps, and those that only some values of others bring") {
  std::vector<std::string> keys;
  for (const FieldText& field : list_fields(Outer{})) keys.push_back(field.key);
  CHECK(keys == std::vector<std::string>{"dataset", "inner", "inner.count", "inner.rate", "inner.points"});
}

TEST_CASE("What is listed beside an algorithm's own keys may stand there") {
  for (std::size_t kind = 0; kind < algorithms().all().size(); ++kind) {
    const auto fields = algorithms().list(kind, common_of_algorithms());
    INFO(algorithms().names()[kind]);
    CHECK(std::ranges::count(fields, "wire", &FieldText::key) == 1);
    CHECK((std::ranges::count(fields, "per_layer", &FieldText::key) == 1) ==
          algorithms().all()[kind].prototype->compresses());
  }
  for (std::size_t kind = 0; kind < problems().all().size(); ++kind) {
    const auto fields = problems().list(kind, common_of_problems());
    const auto x0 = std::ranges::find(fields, "x0", &FieldText::key);
    REQUIRE(x0 != fields.end());
    CHECK(x0->initial == (problems().all()[kind].prototype->is_program() ? "model" : "zeros"));
  }
}

TEST_CASE("Times and sizes have intervals, too") {
  CHECK(read<Duration>("1 ns", "(0, inf)"));
  CHECK_FALSE(read<Duration>("0 s", "(0, inf)"));
  CHECK(Text<Duration>::expected("").ends_with("0, or 1 ns to 2562047 h"));
  CHECK(Text<Duration>::expected("(0, inf)").ends_with("'10 ms': 1 ns to 2562047 h"));
  CHECK(read<Bytes>("16 bit", "[0, 2]"));
  CHECK_FALSE(read<Bytes>("3 B", "[0, 2]"));
  CHECK_FALSE(read<Bytes>("0 B", "(0, inf)"));
  CHECK(Text<Bytes>::expected("[0, 2]").ends_with("'40 B': 0 to 2 B"));
  CHECK(Text<Bytes>::expected("(0, inf)").ends_with("'40 B': 1 B to 1152921 TB"));
}

namespace {

/// For every kind, with all that is listed as required and then without each of these.
template <class Interface>
int check_required(const Catalogue<Interface>& kinds) {
  int required = 0;
  for (const std::string& name : kinds.names()) {
    const auto complaint_of = [&](const Value& section) {
      return complaint([&] { (void)read_kind(kinds, section); });
    };
    const Value section = parse_document("section: " + section_of(kinds, name), "f");
    INFO(to_flow_yaml(section));
    CHECK(complaint_of(*section.find("section")) == "nothing");
    for (const FieldText& field : kinds.list(place_of(kinds, name))) {
      if (!field.initial.empty()) continue;
      ++required;
      Value without = section;
      set(without, "section." + field.key + "=~");
      CHECK(complaint_of(*without.find("section")) ==
            "f:1:10: " + kinds.what() + ": missing key '" + field.key + "'; it takes " + field.expected);
    }
  }
  return required;
}

}  // namespace

TEST_CASE("What is listed as required has to be given, and nothing else") {
  CHECK(check_required(algorithms()) > 0);
  CHECK(check_required(topologies()) > 0);
  CHECK(check_required(mixings()) == 1);      // The path of a file.
  CHECK(check_required(compressors()) == 1);  // The levels of QSGD.
  CHECK(check_required(problems()) >= 0);
  CHECK(check_required(networks()) == 0);
  CHECK(check_required(partitions()) >= 0);
}

TEST_CASE("A Required is as good as its value once it is given") {
  Required<int> count;
  CHECK_FALSE(count.given());
  CHECK_THROWS_AS(*count, std::bad_optional_access);
  CHECK_THROWS_AS(count + 1, std::bad_optional_access);
  count = 3;
  CHECK(count.given());
  CHECK(*count == 3);
  CHECK(count + 1 == 4);
  const Required<Schedule> step = 0.5;
  CHECK(step(7) == 0.5);
  CHECK(Text<Required<int>>::write({}).kind == Value::Kind::null);
  CHECK(again<Required<int>>("7") == "7\n");
  CHECK_FALSE(read<Required<int>>("0", "[1, inf)"));
}

TEST_CASE("Step sizes are numbers or schedules") {
  const auto schedule = read<Schedule>("0.1", "(0, inf)");
  REQUIRE(schedule);
  CHECK((*schedule)(1) == 0.1);
  CHECK((*schedule)(1000) == 0.1);
  CHECK(again<Schedule>("0.1") == "0.1\n");

  const auto root = read<Schedule>("{kind: inverse_sqrt, value: 6}").value();
  CHECK(root(1) == 6);
  CHECK(root(9) == 2);

  // at: the last iterations before a change.
  const std::string text = "{kind: piecewise, value: 8, factor: 0.5, at: [2, 4]}";
  const auto piecewise = read<Schedule>(text).value();
  CHECK(Numbers{piecewise(1), piecewise(2), piecewise(3), piecewise(4), piecewise(5)} ==
        Numbers{8, 8, 4, 4, 2});
  CHECK(again<Schedule>(text) == to_yaml(parse_document(text, "f")));
}

TEST_CASE("Schedules that cannot be meant are refused") {
  const auto of = [](const char* text) { return complaint([&] { read<Schedule>(text, "(0, inf)"); }); };
  CHECK_FALSE(read<Schedule>("0", "(0, inf)"));
  CHECK_FALSE(read<Schedule>("[0.1]", "(0, inf)"));
  CHECK(of("{kind: piecewise, value: 1, at: [3, 2]}") ==
        "f:1:33: at: the iterations have to be in ascending order");
  CHECK(of("{kind: piecewise, value: 1, at: [0]}") ==
        "f:1:34: '0' is not allowed; it takes an integer in [1, 9223372036854775807]");
  CHECK(of("{kind: inverse_sqrt}") == "f:1:1: schedule: missing key 'value'; it takes a number in (0, inf)");
  CHECK(of("{value: 1}") ==
        "f:1:1: schedule: missing key 'kind'; it takes one of constant, inverse_sqrt, piecewise");
  CHECK(of("{kind: inverse_sqrt, value: 1, at: [5]}") ==
        "f:1:32: unknown key 'at' in schedule; there are: kind, value");
}

TEST_CASE("Kinds have short forms") {
  const auto partition = [](const std::string& text) { return again<PartitionScheme>(text); };
  CHECK(partition("iid") == "kind: iid\n");
  CHECK(partition("{kind: iid}") == "kind: iid\n");
  CHECK(partition("{labels_per_node: 3}") == "kind: labels_per_node\nlabels: 3\n");
  CHECK(partition("{kind: labels_per_node, labels: 3}") == "kind: labels_per_node\nlabels: 3\n");
  CHECK(partition("labels_per_node") == "kind: labels_per_node\nlabels: 2\n");
  CHECK(partition("{kind: dirichlet, alpha: 0.1}") == "kind: dirichlet\nalpha: 0.1\n");
  CHECK(partition("{dirichlet: 0.1}") == "kind: dirichlet\nalpha: 0.1\n");
  // Of several keys, the one that has to be given.
  const auto mixing = [](const char* text) {
    return to_yaml(spelled_out(mixings(), parse_document(text, "f"), "kind"));
  };
  CHECK(mixing("{file: w.txt}") == "kind: file\npath: w.txt\n");
  CHECK(mixing("{file: {path: w.txt}}") == "file:\n  path: w.txt\n");
  // With other keys, in any order, but not with its own twice.
  CHECK(mixing("{file: w.txt, normalize: true}") == "kind: file\npath: w.txt\nnormalize: true\n");
  CHECK(mixing("{normalize: true, file: w.txt}") == "normalize: true\nkind: file\npath: w.txt\n");
  CHECK(mixing("{kind: lazy, file: w.txt}") == "kind: lazy\nfile: w.txt\n");
  CHECK(mixing("{file: w.txt, path: v.txt}") == "file: w.txt\npath: v.txt\n");

  const auto of = [](const char* text) { return complaint([&] { read<PartitionScheme>(text); }); };
  CHECK(of("idd") ==
        "f:1:1: unknown partition 'idd'; did you mean 'iid'? there are: contiguous, iid, "
        "labels_per_node, dirichlet, file");
  CHECK(of("{labels_per_node: 0}") ==
        "f:1:19: labels: '0' is not allowed; it takes an integer in [1, 2147483647]");
  CHECK(of("{iid: 3}") ==
        "f:1:1: partition: missing key 'kind'; there are: contiguous, iid, labels_per_node, dirichlet, file");
  CHECK(of("[iid]") == "f:1:1: partition: found a list; it takes a map, {key: value, ...}");
}

TEST_CASE("Numbers in documents have a point before their exponent, and read back equal") {
  // Readers of YAML 1.1 take 1e-06 for a text.
  for (const auto& [number, text] :
       {std::pair(1e-6, "1.0e-06"), std::pair(-1e300, "-1.0e+300"), std::pair(2.5e-7, "2.5e-07"),
        std::pair(0.1, "0.1"), std::pair(3., "3")}) {
    const Value written = Text<double>::write(number);
    CHECK(written.scalar == text);
    double again = 0;
    REQUIRE(Text<double>::read(written, again, ""));
    CHECK(again == number);
    CHECK(with_shortest_numbers(written.scalar) == text_of(number));
  }
  CHECK(with_shortest_numbers("a: 1.0e-06, b: [2.0e+20, 10.0e]") == "a: 1e-06, b: [2e+20, 10.0e]");
}
