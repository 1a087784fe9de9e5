#include "topologies/topology_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/topologies/support.hpp"
#include "topologies/families.hpp"
#include "topologies/random_families.hpp"

namespace gossamer {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Names = std::vector<std::string>;

InputFile file_of(const std::string& text) {
  InputFile file("g");
  file.content = std::make_shared<const std::string>(text);
  return file;
}

Topology read(const std::string& text, TopologyFile family = {}) {
  family.path = file_of(text);
  return family.build(0);
}

std::vector<Edge> edges(const std::string& text, const TopologyFile& family = {}) {
  return links_of(read(text, family));
}

std::string refusal(const std::string& text, const TopologyFile& family = {}) {
  return error_of([&] { read(text, family); });
}

const std::vector<Edge> triangle{{0, 1}, {0, 2}, {1, 2}};

TEST_CASE("an edge list is read with its links' settings", "[topologies][file]") {
  const Topology topology = read(
      "# a triangle and a tail\r\n"
      "\n"
      "0 1\n"
      "2 1 latency=10ms bandwidth=1Mbit/s   # slow\r\n"
      "1 2\n"
      "\t2\t0 bandwidth=unlimited\n"
      "3 0");
  CHECK(edge_list(topology.graph) == std::vector<Edge>{{0, 1}, {0, 2}, {0, 3}, {1, 2}});
  REQUIRE(topology.links.size() == 4);
  for (const Edge& way : {Edge{1, 2}, Edge{2, 1}}) {
    CHECK(topology.links.at(way).latency == Duration{10'000'000});
    CHECK(topology.links.at(way).bandwidth == Bandwidth{1'000'000});
  }
  CHECK_FALSE(topology.links.at({0, 2}).latency);
  CHECK(topology.links.at({0, 2}).bandwidth == Bandwidth::unlimited());
  CHECK(topology.names.empty());
  CHECK(topology.notes.empty());
  CHECK(node_count(read("# no edge\n", {.nodes = 1}).graph) == 1);
}

TEST_CASE("the two ways of a link may differ", "[topologies][file]") {
  const Topology topology =
      read("0 1 latency=10ms bandwidth=1Mbit/s\n1 0 latency=20ms\n1 2\n2 1 bandwidth=1bit/s\n");
  CHECK(topology.links.at({0, 1}).latency == Duration{10'000'000});
  CHECK(topology.links.at({1, 0}).latency == Duration{20'000'000});
  CHECK(topology.links.at({1, 0}).bandwidth == Bandwidth{1'000'000});  // Said of one way, it holds for both.
  CHECK(topology.links.at({1, 2}).bandwidth == Bandwidth{1});
  CHECK_FALSE(topology.links.at({1, 2}).latency);
  CHECK(read("0 1 latency=1ms\n0 1 latency=1ms\n").notes ==
        Names{"g: note: edges that repeat others count once: 1"});
  CHECK_THAT(refusal("0 1 latency=1ms\n0 1 latency=2ms\n"),
             Equals("g:2: the link 0 - 1 has latency 1 ms already in line 1; allowed: one each way"));
}

TEST_CASE("quantities are rounded to the nearest nanosecond", "[topologies][file]") {
  const Topology topology = read("0 1 latency=5.7291859440607205ms\n1 2 latency=3ms\n");
  CHECK(topology.links.at({0, 1}).latency == Duration{5'729'186});
  CHECK(topology.links.at({2, 1}).latency == Duration{3'000'000});
  CHECK_THAT(refusal("0 1 latency=0.4ns\n"),
             Equals("g:1:5: latency '0.4ns' is not allowed; it takes a time with its unit: 10ms"));
}

TEST_CASE("a file's mistakes are said with line and column", "[topologies][file]") {
  CHECK_THAT(refusal("0 1\n1\n"),
             Equals("g:2:1: an edge has two ends; allowed: u v [latency=10ms] [bandwidth=1Mbit/s]"));
  CHECK_THAT(refusal("0 1\n\n1 x\n"),
             Equals("g:3:3: 'x' is no node; allowed: whole numbers from 0, or names throughout"));
  CHECK_THAT(
      refusal("a b\n\nb 1\n"),
      Equals("g:3:3: '1' is a number, where g:1 has the name 'a'; allowed: numbers throughout, or names "
             "(GraphML and GML take both)"));
  CHECK_THAT(refusal("0 1.5"), Contains("g:1:3: '1.5' is no node"));
  CHECK_THAT(refusal("0 -1"), Contains("g:1:3: '-1' is no node"));
  CHECK_THAT(refusal("0 99999999999999999999"), Contains("g:1:3: '99999999999999999999' is no node"));
  CHECK_THAT(refusal("0 1\n1 2\n", {.nodes = 2}),
             Equals("g:2:3: '2' is no node; allowed: whole numbers from 0 to 1"));
  CHECK_THAT(refusal("0 1 delay=3ms"),
             Contains("g:1:5: 'delay=3ms' is no link setting; allowed: latency=10ms, bandwidth=1Mbit/s"));
  CHECK_THAT(refusal("0 1 10ms"), Contains("g:1:5: '10ms' is no link setting"));
  CHECK_THAT(refusal("New York Bern"), Contains("g:1:10: 'Bern' is no link setting"));
  CHECK_THAT(refusal("0 1\n1 2 latency=10"),
             Equals("g:2:5: latency '10' is not allowed; it takes a time with its unit: 10ms"));
  CHECK_THAT(refusal("0 1\n1 2 {'weight': 1, 'latency': 10}"),
             Contains("g:2:5: latency '10' is not allowed"));
  CHECK_THAT(refusal("0 1 latency="), Contains("g:1:5: latency '' is not allowed"));
  CHECK_THAT(refusal("0 1\n1 2 bandwidth=fast"),
             Contains("g:2:5: bandwidth 'fast' is not allowed; it takes one"));
  CHECK_THAT(refusal("0 1 latency=1ms latency=2ms"), Equals("g:1:17: latency is given twice; allowed: once"));
  CHECK_THAT(refusal("0 1 {'weight': 1"), Equals("g:1:5: this dictionary does not end in its line"));
  CHECK_THAT(refusal("0 1 {weight}"), Contains("g:1:5: this is no dictionary"));
  CHECK_THAT(refusal("0 \"1"), Equals("g:1:3: this quote does not end in its line"));
  CHECK_THAT(refusal("next\n"), Contains("g: holds no edge"));
  CHECK_THAT(refusal("# nothing\n"), Equals("g: holds no edge; allowed: one `u v` per line"));
  CHECK_THAT(refusal("0 1\n2 3\n"),
             Equals("g: the graph is not connected: 2 of 4 nodes cannot be reached from "
                    "node 0, for instance node 2"));
  CHECK_THAT(refusal("a b\nc d\n"),
             Equals("g: the graph is not connected: 2 of 4 nodes cannot be reached from "
                    "node 0 (a), for instance node 2 (c); if line 1 names columns, and is no edge, call them "
                    "source and target"));
  CHECK_THAT(refusal("2000000000\n0 1\n"), Equals("g: too few edges to connect 2000000000 nodes"));
  CHECK_THAT(error_of([] { TopologyFile{.path = "/nowhere/links.txt"}.build(0); }),
             Equals("/nowhere/links.txt: cannot be opened: No such file or directory"));
  CHECK_THAT(error_of([] { TopologyFile{.path = "/tmp"}.build(0); }),
             Equals("/tmp: cannot be read: it is not a file"));
}

TEST_CASE("small files as people have them", "[topologies][file]") {
  const std::pair<const char*, const char*> files[] = {
      {"networkx's default", "0 1 {}\n1 2 {}\n2 0 {}\n"},
      {"commas", "0,2\n1,2\n1,0\n"},
      {"a byte order mark",
       "\xef\xbb\xbf"
       "0 1\n1 2\n0 2\n"},
      {"a count of nodes", "3\n0 1\n1 2\n2 0\n"},
      {"counts of nodes and edges", "3 3\n0 1\n1 2\n2 0\n"},
      {"the size of a matrix", "3 3 3\n1 2\n2 3\n3 1\n"},
      {"numbered from 1", "1 2\n2 3\n3 1\n"},
      {"SNAP, with gaps", "# Nodes: 3 Edges: 3\n10\t20\n20\t30\n30\t10\n"},
      {"KONECT", "% sym unweighted\n1 2 1 0\n2 3 1 0\n3 1 1 0\n"},
      {"weights", "0 1 4.0\n1 2 2.0\n2 0 1.0\n"},
      {"NumPy", "0.000000e+00 1.000000e+00\n1.000000e+00 2.000000e+00\n2.000000e+00 0.000000e+00\n"},
      {"names", "A B\nB C\nC A\n"},
      {"names with blanks, between tabs", "New York\tBern\nBern\tOslo\nOslo\tNew York\n"},
      {"a spreadsheet", "\xef\xbb\xbfSource;Target;Weight\r\n\"0\";\"1\";\"0,5\"\r\n1;2;1\r\n2;0;1\r\n"},
      {"a spreadsheet without names of columns", "0;1;0,5\n1;2;1\n2;0;1,25\n"},
      {"GML of yEd",
       "Creator\t\"yFiles\"\nVersion\t2.2\ngraph\n[\thierarchic\t1\n node [ id 0 ] node [ id 1 ] node [ id 2 "
       "] "
       "edge [ source 0 target 1 ] edge [ source 0 target 2 ] edge [ source 2 target 1 ] ]"},
      {"pandas", ",a,b\n0,0,1\n1,1,2\n2,0,2\n"},
      {"Gephi", "Source,Target,Type,Id,Label\nx,y,Undirected,0,\ny,z,Undirected,1,\nx,z,Undirected,2,\n"},
      {"Matrix Market",
       "%%MatrixMarket matrix coordinate pattern symmetric\n% a comment\n3 3 3\n2 1\n3 1\n3 2\n"},
      {"Matrix Market with values",
       "%%MatrixMarket matrix coordinate real general\n3 3 4\n1 2 .5\n2 1 .5\n3 1 1\n"
       "2 3 7e-1\n"},
      {"an adjacency list", "0 1 2\n1 2\n2\n"},
      {"networkx's adjacency list", "#run.py\n# GMT Mon Jan  1 00:00:00 2024\n# \n0 1 2\n1 2\n2\n"},
      {"networkx's other one", "0 2\n1 {}\n2 {'weight': 3}\n1 1\n2 {}\n2 0\n"},
      {"loops and repetitions", "0 1\n0 0\n1 2\n0 1\n2 0\n1 0\n"},
      {"GML",
       "graph [ node [ id 7 ] node [ id 3 ] node [ id 5 ] edge [ source 3 target 5 ] edge [ source 7 target "
       "5 ] "
       "edge [ source 3 target 7 ] ]"}};
  for (const auto& [what, text] : files) {
    CAPTURE(what);
    CHECK(edges(text) == triangle);
  }
  CHECK(read("10\t20\n20\t30\n30\t10\n").names == Names{"10", "20", "30"});
  CHECK(read("w10 w2\nw2 w1\n").names == Names{"w1", "w2", "w10"});
  CHECK(read("New York\tBern\nBern\tOslo\n").names == Names{"Bern", "New York", "Oslo"});
  CHECK(read("\"New York\" Bern\nBern \"Oslo # 1\"\n").names == Names{"Bern", "New York", "Oslo # 1"});
  CHECK(read("192.168.0.1 192.168.0.12\n192.168.0.12 192.168.0.3\n").names ==
        Names{"192.168.0.1", "192.168.0.3", "192.168.0.12"});
  CHECK(edges("0 1\nnext\n1 2\n2 0\n") == triangle);
  CHECK(read("0 1\n0 0\n0 1\n").notes ==
        Names{"g: note: loops are left out: 1", "g: note: edges that repeat others count once: 1"});
  CHECK(read("0 1 4.0\n").notes ==
        Names{"g: note: of edges it uses latency and bandwidth, and not: weights"});
  CHECK(read("1 2\n").notes == Names{"g: note: its nodes, 1 to 2, are numbered 0 to 1 in this order"});
  const Topology columns = read("source,target,latency,bandwidth\na,b,10 ms,1 Mbit/s\n");
  CHECK(columns.links.at({1, 0}).latency == Duration{10'000'000});
  const Topology dictionary = read("0 1 {'weight': 2.0, 'latency': '10 ms', 'list': [1, {2: 3}]}\n");
  CHECK(dictionary.links.at({1, 0}).latency == Duration{10'000'000});
  const Topology attributes = read(
      "graph [ node [ id 0 label \"A\" ] node [ id 1 label \"B\" ] edge [ source 0 target 1 latency \"10 "
      "ms\" ] ]");
  CHECK(attributes.links.at({0, 1}).latency == Duration{10'000'000});
  CHECK(attributes.names == Names{"A", "B"});
  const Topology capital = read(
      "graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 Latency \"10 ms\" weight 2 delay 1 ] ]");
  CHECK(capital.links.at({0, 1}).latency == Duration{10'000'000});
  CHECK(capital.notes == Names{"g: note: of edges it uses latency and bandwidth, and not: delay, weight"});
  CHECK(read("0 1 {'Latency': '10 ms'}\n").links.at({0, 1}).latency == Duration{10'000'000});
}

TEST_CASE("an adjacency matrix is no list of edges", "[topologies][file]") {
  const char* const matrices[] = {
      ",Zurich,Bern,Basel\nZurich,0,1,1\nBern,1,0,1\nBasel,1,1,0\n",              // pandas
      "\tZurich\tBern\tBasel\nZurich\t0\t1\t1\nBern\t1\t0\t1\nBasel\t1\t1\t0\n",  // with sep='\t'
      "city,Zurich,Bern\nZurich,,2.5\nBern,1,\n",                                 // with missing values
      "Zurich,Bern,Basel\n0,1,1\n1,0,1\n1,1,0\n",                                 // index=False
      "0,1,2,3\n0,1,0,1\n1,0,1,0\n0,1,0,1\n1,0,1,0\n",
      ",0,1,2\n0,0,1,1\n1,1,0,1\n2,1,1,0\n",
      "\t0\t1\t2\n0\t0\t3\t1\n1\t1\t0\t1\n2\t1\t1\t0\n",
      "0 1 1\n0 0 1\n1 0 0\n",  // NumPy: not symmetric
      "1 1 0 1\n1 1 1 0\n0 1 1 1\n1 0 1 1\n",
      "1 1 1\n1 1 1\n1 1 1\n",
      "0 2 0\n2 0 3\n0 3 0\n"};
  for (const char* const matrix : matrices) {
    CAPTURE(matrix);
    CHECK_THAT(refusal(matrix), Contains("look like an adjacency matrix, which is not read"));
    CHECK_THAT(refusal(matrix, {.directed = true}), Contains("look like an adjacency matrix"));
  }
  CHECK_THAT(refusal(matrices[0]), Contains("pandas.read_csv(path, index_col=0, sep=',').rename(index=str)"));
  CHECK_THAT(refusal("0 1 1\n0 0 1\n1 0 0\n"),
             Contains("scipy.io.mmwrite('g.mtx', scipy.sparse.coo_matrix("));
  CHECK_THAT(refusal(matrices[1]),
             Contains("pandas.read_csv(path, index_col=0, sep='\\s+').rename(index=str)"));
  CHECK_THAT(refusal("0;1;1\n1;0;1\n1;1;0\n"), Contains("numpy.loadtxt(path, delimiter=';')"));
  CHECK(edges("a b c\nb a c\nc a b\n") == triangle);  // An adjacency list.
  CHECK(edges("x a\na b\n").size() == 2);
}

TEST_CASE("the first row, and the first column, of tables as pandas and R write them", "[topologies][file]") {
  // pandas calls columns without names 0, 1, ...
  CHECK_THAT(refusal("0,1\n0,2\n2,1\n1,3\n3,0\n"),
             Equals("g:1:1: 0, 1, ... may be an edge, or pandas' names of columns that have none; say lines: "
                    "edges in the topology for an edge, or put names in their place: source, target"));
  CHECK(edges("0,1\n1,2\n2,0\n", {.lines = Lines::edges}) == triangle);
  CHECK(edges("0,1\n0,1\n1,2\n2,0\n") == triangle);  // Either way.
  CHECK(edges("0, 1\n1, 2\n2, 0\n") == triangle);    // pandas puts no blanks.
  CHECK(read("0,1\nA,B\nB,C\n").names == Names{"A", "B", "C"});
  CHECK(edges(",0,1\n0,0,2\n1,2,1\n") == std::vector<Edge>{{0, 2}, {1, 2}});
  CHECK(edges("\t0\t1\n0\t0\t2\n1\t2\t1\n") == std::vector<Edge>{{0, 2}, {1, 2}});
  // Rows with their numbers, which have no name.
  CHECK(edges("\tsource\ttarget\n0\t0\t1\n1\t0\t2\n2\t2\t1\n") == triangle);
  CHECK(read("\tsource\ttarget\n0\tA\tB\n1\tB\tC\n").names == Names{"A", "B", "C"});
  CHECK(edges("from to\n1 1 2\n2 2 3\n3 3 4\n4 4 1\n") == std::vector<Edge>{{0, 1}, {0, 3}, {1, 2}, {2, 3}});
  CHECK(edges("source target latency\n0 0 1 1ms\n1 1 2 1ms\n2 2 0 1ms\n") == triangle);
  CHECK(edges("source target\n0 1 latency=1ms\n1 2 latency=1ms\n2 0 latency=1ms\n") == triangle);
  CHECK_THAT(refusal("source,target\n0,1\n1,2,5\n"),
             Equals("g:3:5: '5' stands in no column; allowed: as many fields as the first line has names"));
  CHECK_THAT(refusal("0,0,1\n1,0,2\n2,1,2\n"),
             Contains("g:1:1: 0, 1, 2, ... may be nodes, or pandas' numbers"));
  CHECK(edges("0,0,1\n1,0,2\n2,1,2\n", {.lines = Lines::edges}).size() == 2);
  CHECK(edges("source,target,\n0,1,\n1,2,\n2,0,\n,,\n") == triangle);  // Empty cells of a spreadsheet.
}

TEST_CASE("many names for the ends of an edge are known", "[topologies][file]") {
  for (const char* const names :
       {"u,v", "i,j", "start,end", "name1,name2", "node_a,node_b", "Node A,Node B", "FromNodeId,ToNodeId",
        "node_1,node_2", ":START_ID,:END_ID", "source_id,target_id"}) {
    CAPTURE(names);
    CHECK(edges(fmt::format("weight,{}\n7,0,1\n8,1,2\n9,2,0\n", names)) == triangle);
  }
  CHECK(read("u v\nv w\nw u\n").names == Names{"u", "v", "w"});  // Nodes of these names.
}

TEST_CASE("quotes, and the signs of comments, within the fields of a table", "[topologies][file]") {
  CHECK(read("source,target\na,\"b \"\"x\"\"\"\n\"b \"\"x\"\"\",c\nc,a\n").names ==
        Names{"a", "b \"x\"", "c"});
  CHECK(read("source,target\nPython,C#\nC,Java\nJava,Python\nC#,C\n").names ==
        Names{"C", "C#", "Java", "Python"});
  CHECK(read("C#,Java\nJava,C\n").names == Names{"C", "C#", "Java"});
  CHECK(read("# a, b\nsource,target\n#h,a\n%p,a\n# c, d\nb,a # slow\n").names == Names{"#h", "%p", "a", "b"});
  CHECK(edges("source\ttarget\nA\tC#\nA\tC\nB\tC\nB\tC#\n") ==
        std::vector<Edge>{{0, 2}, {0, 3}, {1, 2}, {1, 3}});
  CHECK(read("A\tC#\t# slow\nC#\tF # fast\nF\tA").names == Names{"A", "C#", "F"});
  CHECK_THAT(refusal("\"a\"b,c\n"),
             Equals("g:1:4: text follows the quotes; a quote within them is written twice"));
  CHECK(read("{z} a b\na\nb\n").names == Names{"a", "b", "{z}"});
  CHECK(read("(0, 0)\t(0, 1)\t{}\n(0, 1)\t(0, 2)\n").names == Names{"(0, 0)", "(0, 1)", "(0, 2)"});
  CHECK_THAT(refusal("(0, 1)\n(0, 2)\n(1, 2)\n"),
             Contains("g:1:1: a tuple, as Python prints it, is not read"));
  CHECK_THAT(refusal("(0, 1, {'weight': 2})\n"),
             Contains("g:1:1: a tuple, as Python prints it, is not read"));
  CHECK_THAT(
      refusal("(0, 0) (1, 0) {}\n(0, 0) (0, 1) {}\n"),
      Equals(
          "g:1:1: a tuple, as Python prints it, is not read; allowed: u v, or GraphML (with networkx as nx: "
          "nx.write_edgelist(nx.convert_node_labels_to_integers(G), path), or nx.write_graphml(G, path))"));
}

TEST_CASE("any line ends, and UTF-8 alone", "[topologies][file]") {
  CHECK(edges("0 1\r1 2\r2 0\r") == triangle);
  CHECK_THAT(refusal("0 1\r\r1\r"), Contains("g:3:1: an edge has two ends"));
  CHECK(edges("# a\rgraph [ # b\r node [ id 0 ] node [ id 1 ] node [ id 2 ] edge [ source 0 target 1 ] # c\r"
              "edge [ source 1 target 2 ] edge [ source 2 target 0 ] ]") == triangle);
  CHECK(edges("%%MatrixMarket matrix coordinate pattern symmetric\r3 3 3\r2 1\r3 1\r3 2\r") == triangle);
  CHECK_THAT(refusal("Z\xfcrich Bern\n"), Equals("g:1:2: is not UTF-8; save it in UTF-8"));
  CHECK_THAT(refusal("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<graphml><graph><node id=\"\xfc\"/>"),
             Equals("g:2:27: is not UTF-8; save it in UTF-8"));
  CHECK(read("Zürich Abc\nAbc Äro\nÄro Zürich\n").names == Names{"Abc", "Zürich", "Äro"});
}

TEST_CASE("a number has one spelling", "[topologies][file]") {
  CHECK_THAT(
      refusal("01 1\n1 2\n2 01\n"),
      Equals("g:1:4: '1' is the number '01' in other digits; allowed: one spelling of each, or names"));
  CHECK(edges("00 01\n01 02\n02 00\n") == triangle);
  CHECK(edges("0 1.0\n1 2.0\n2 0\n") == triangle);
}

TEST_CASE("what comments and columns say of directions is heard", "[topologies][file]") {
  const std::string note =
      "g: note: it says that its graph is directed; each edge leads both ways (arcs: directed: true)";
  for (const std::string head :
       {"% asym unweighted\n", "# Directed graph (each unordered pair of nodes is saved once)\n",
        "# A\n# Directed graph\n"}) {
    CHECK(read(head + "0 1\n1 2\n").notes == Names{note});
    CHECK(links_of(read(head + "0 1\n1 2\n2 0\n", {.directed = true})).size() == 3);
  }
  CHECK(read("Source,Target,Type\n0,1,Directed\n1,2,Directed\n").notes == Names{note});
  CHECK(read("Source,Target,Type\n0,1,Undirected\n").notes.empty());
  CHECK(read("Source,Target,Type\n0,1,road\n").notes.front() ==
        "g: note: of edges it uses latency and bandwidth, and not: type");
  CHECK(links_of(read("Source,Target,Type\n0,1,Undirected\n", {.directed = true})).size() == 2);
  CHECK_THAT(refusal("% bip unweighted\n1 1\n1 2\n"),
             Contains("g:1:1: `% bip` says that both sides of its graph"));
}

TEST_CASE("a count above the neighbours of each node", "[topologies][file]") {
  const std::vector<Edge> ring{{0, 1}, {0, 4}, {1, 2}, {2, 3}, {3, 4}};
  const std::string decentralizepy = "5\n1 4\n0 2\n1 3\n2 4\n0 3\n", metis = "5 5\n2 5\n1 3\n2 4\n3 5\n1 4\n";
  for (const std::string& text : {decentralizepy, metis}) {
    CHECK_THAT(
        refusal(text),
        Equals(
            "g:1:1: below a count, 5 lines may be edges, or the neighbours of a node each, as of "
            "decentralizepy or METIS; say which in the topology: lines: counted_edges, or lines: neighbors"));
    CHECK(edges(text, {.lines = Lines::neighbors}) == ring);
    CHECK(links_of(read(text, {.directed = true, .lines = Lines::neighbors})).size() == 10);
  }
  const std::vector<Edge> kite{{0, 1}, {0, 2}, {0, 3}, {1, 2}};
  CHECK(edges("4\n1 2 3\n0 2\n0 1\n0\n") == kite);
  CHECK(edges("4 4\n2 3 4\n1 3\n1 2\n1\n") == kite);
  CHECK(read("4\n1 2 3\n0 2\n0 1\n0\n").notes ==
        Names{"g: note: is read as an adjacency list: in each line a node, and its neighbours"});
}

TEST_CASE("METIS's header says which words are weights", "[topologies][file]") {
  const std::vector<Edge> path{{0, 1}, {1, 2}};
  for (const char* const text :
       {"3 2 1\n2 5\n1 5 3 6\n2 6\n", "3 2 001\n2 5\n1 5 3 6\n2 6\n", "3 2 10\n7 2\n7 1 3\n7 2\n",
        "3 2 100\n7 2\n7 1 3\n7 2\n", "3 2 011 2\n7 7 2 5\n8 8 1 5 3 6\n9 9 2 6\n"}) {
    for (const Lines lines : {Lines::automatic, Lines::neighbors}) {
      CAPTURE(text, lines);
      const Topology topology = read(text, {.lines = lines});
      CHECK(edge_list(topology.graph) == path);
      CHECK(topology.names == Names{"1", "2", "3"});
      CHECK(std::ranges::count(topology.notes,
                               "g: note: of edges it uses latency and bandwidth, and not: weights") == 1);
    }
  }
}

TEST_CASE("counts are known above edges that are there both ways, or repeated", "[topologies][file]") {
  const std::string path = "4 3\n0 1\n1 0\n1 2\n2 1\n2 3\n3 2\n", star = "5 4\n1 2\n1 3\n1 4\n1 5\n1 5\n";
  CHECK_THAT(refusal(path), Contains("g:1:1: `4 3` may count 4 nodes and 3 edges, or be an edge"));
  CHECK(edges(path, {.lines = Lines::counted_edges}) == std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}});
  CHECK(edges(path, {.lines = Lines::edges}).size() == 4);
  CHECK_THAT(refusal(star), Contains("g:1:1: `5 4` may count 5 nodes and 4 edges, or be an edge"));
  CHECK(edges(star, {.lines = Lines::counted_edges}).size() == 4);
  CHECK_THAT(refusal("5 3\n1 2\n1 3\n1 4\n1 5\n1 5\n", {.lines = Lines::counted_edges}),
             Equals("g:1:3: 3 edges are said to follow, and 5 do"));
  std::string prism = "6 9\n";  // As an edge it would lead to a node 9, beyond a gap.
  for (const auto& [u, v] :
       std::vector<Edge>{{1, 2}, {2, 3}, {3, 1}, {4, 5}, {5, 6}, {6, 4}, {1, 4}, {2, 5}, {3, 6}}) {
    prism += fmt::format("{} {}\n{} {}\n", u, v, v, u);
  }
  CHECK(node_count(read(prism).graph) == 6);
  const std::string kite = "4 5\n1 2\n2 3\n3 4\n4 1\n1 3\n";  // 5 may be the next node.
  CHECK_THAT(refusal(kite), Contains("`4 5` may count"));
  CHECK(edges(kite, {.nodes = 4}).size() == 5);
  CHECK_THAT(refusal("nodes,edges\n4,3\n0,1\n1,2\n2,3\n"), Contains("g:2:1: `4 3` may count"));
  CHECK(edges("source,target\n4,3\n0,1\n1,2\n2,3\n").size() == 4);
}

TEST_CASE("a first line alone may be no edge, and node 0 alone none", "[topologies][file]") {
  const std::string counts =
      "; if line 1 counts nodes and edges, and is no edge, say lines: counted_edges in the topology";
  for (const char* const text : {"10 12\n0 1\n1 2\n", "5 5\n0 1\n1 2\n2 3\n3 4\n"}) {
    CHECK_THAT(refusal(text), Contains("the graph is not connected: ") && Catch::EndsWith(counts));
  }
  CHECK_THAT(refusal("city,town\nA,B\nB,C\n"),
             Catch::EndsWith("; if line 1 names columns, and is no edge, call them source and target"));
  CHECK_THAT(refusal("0 1\n2 3\n"), Catch::EndsWith("for instance node 2"));
  const std::string from_1 =
      "; no edge has node 0; if nodes are numbered from 1, there are 4 of them, where 5 were said to be "
      "there";
  CHECK_THAT(refusal("1 2\n2 3\n3 4\n", {.nodes = 5}), Catch::EndsWith(from_1));
  CHECK_THAT(refusal("5\n1 2\n2 3\n3 4\n"), Catch::EndsWith(from_1));
}

TEST_CASE("a first line that counts is told from an edge, or asked about", "[topologies][file]") {
  const std::string tree = "4 3\n0 1\n1 2\n2 3\n";
  CHECK_THAT(refusal(tree),
             Equals("g:1:1: `4 3` may count 4 nodes and 3 edges, or be an edge; say which in the "
                    "topology: lines: counted_edges, or lines: edges"));
  CHECK(edges(tree, {.lines = Lines::counted_edges}) == std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}});
  CHECK(edges(tree, {.lines = Lines::edges}) == std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {3, 4}});
  CHECK(edges(tree, {.nodes = 4}).size() == 3);
  CHECK(edges(tree, {.nodes = 5}).size() == 4);
  CHECK(edges("4 3\n1 2\n2 3\n3 4\n").size() == 3);       // An edge that is there again.
  CHECK(edges("4 4\n0 1\n1 2\n2 3\n3 0\n").size() == 4);  // It would be a loop.
  CHECK(edges("3 4\n0 1\n1 2\n2 0\n0 2\n").size() == 3);  // Node 4 would be alone with 3.
  CHECK(edges("5 2\n2 3\n3 4\n") == std::vector<Edge>{{0, 1}, {0, 3}, {1, 2}});  // Not 5 nodes.
  CHECK_THAT(refusal("4 3\n1 2\n1 3\n1 4\n"), Contains("`4 3` may count"));
  CHECK_THAT(refusal("3 2\n0 1\n", {.lines = Lines::counted_edges}),
             Equals("g:1:3: 2 edges are said to follow, and 1 do"));
  CHECK_THAT(refusal("x\n0 1\n", {.lines = Lines::counted_edges}), Contains("g:1:1: 'x' counts nothing"));
  CHECK_THAT(
      refusal("3\n0 1\n1 3\n"),
      Equals(
          "g:3:3: '3' is no node; allowed: whole numbers from 0 to 2, or from 1 to 3 (without the count of "
          "3 nodes, gaps close)"));
  CHECK_THAT(refusal("4\n0 1\n1 2\n"), Contains("g: the graph is not connected: 1 of 4 nodes"));
  CHECK(node_count(read("1\n").graph) == 1);
}

TEST_CASE("an adjacency list is told from edges with weights, or asked about", "[topologies][file]") {
  const std::string both = "0 1 2\n1 0 2\n2 0 1\n";
  CHECK_THAT(
      refusal(both),
      Equals(
          "g:1:5: '2' may be a neighbour, as of an adjacency list, or a weight; say which in the topology: "
          "lines: neighbors, or lines: edges"));
  CHECK(edges(both, {.lines = Lines::neighbors}) == triangle);
  CHECK(edges(both, {.lines = Lines::edges}) == std::vector<Edge>{{0, 1}, {0, 2}});
  CHECK(edges("0 1 1\n1 2 1\n2 3 1\n3 0 1\n").size() == 4);  // A node is no neighbour of itself.
  CHECK(edges("a b c\nb a c\nc a b\n") == triangle);         // Names are no weights.
  CHECK_THAT(refusal("0 1 1\n1 0 1\n1 1 0\n"),
             Contains("1:1: 3 lines of 3 numbers look like an adjacency matrix"));
}

TEST_CASE("formats that are not read are called by their names", "[topologies][file]") {
  const std::pair<const char*, const char*> files[] = {{"{\"nodes\": []}", "JSON"},
                                                       {"*Vertices 3\n", "Pajek"},
                                                       {">>graph6<<Bw\n", "graph6"},
                                                       {":Fa@x^\n", "sparse6"},
                                                       {"Bw\n", "graph6"},
                                                       {"&B?_\n", "digraph6"},
                                                       {"[[0 1]\n [1 0]]\n", "an array as NumPy prints it"},
                                                       {"[[0, 1], [1, 2]]", "JSON"},
                                                       {"graph {\n a -- b\n}\n", "DOT"},
                                                       {"strict digraph \"x\" {\n}\n", "DOT"},
                                                       {"\x1f\x8b\b", "compressed by gzip"},
                                                       {"\xff\xfe"
                                                        "0",
                                                        "in UTF-16"},
                                                       {"<?xml version=\"1.0\"?>\n<gexf/>\n", "GEXF"},
                                                       {"c a comment\np edge 3 2\ne 1 2\ne 2 3\n", "DIMACS"}};
  for (const auto& [text, name] : files) {
    CHECK_THAT(refusal(text), Contains(fmt::format("g:1:1: is {}, which is not read; allowed: ", name)));
  }
  const std::pair<const char*, const char*> readers[] = {
      {"{\"nodes\": [], \"links\": []}", "nx.node_link_graph("},
      {"{\"directed\": false, \"nodes\": [], \"adjacency\": []}", "nx.adjacency_graph("},
      {"{\"data\": [], \"elements\": {\"nodes\": [], \"edges\": []}}", "nx.cytoscape_graph("},
      {"{\"0\": [1]}",
       "nx.Graph([(u, str(v)) for u, around in json.load(open(path)).items() for v in around])"},
      {"[[0, 1], [1, 2]]", "nx.Graph(json.load(open(path)))"},
      {"graph {\n a -- b\n}\n", "G.remove_nodes_from(['\\\\n'])"}};
  for (const auto& [text, reader] : readers) CHECK_THAT(refusal(text), Contains(reader));
  CHECK(read("[y] a\na b\n").names == Names{"[y]", "a", "b"});
  CHECK(edges("c d\nd e\n").size() == 2);
  CHECK_THAT(refusal("graph [ node [ id 0 ] ]", {.lines = Lines::edges}),
             Equals("lines: has no effect; g is GraphML or GML"));
  CHECK_THAT(refusal("graph [ node [ id 0 ] ]", {.nodes = 2}),
             Contains("has 1 nodes, where the topology says"));
  CHECK_THAT(refusal("graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 latency 10 ] ]"),
             Contains("the edge 0 - 1 has latency '10'; it takes a time with its unit"));
}

TEST_CASE("Matrix Market is refused with the place", "[topologies][file]") {
  const std::string banner = "%%MatrixMarket matrix coordinate pattern general\n";
  CHECK_THAT(refusal("%%MatrixMarket matrix array real general\n2 2\n"),
             Contains("g:1: Matrix Market 'matrix array real general' is not read"));
  CHECK_THAT(refusal("%%MatrixMarket matrix array real general\n2 2\n"),
             Contains("as scipy.io.mmwrite(path, scipy.sparse.coo_matrix(A)) writes it"));
  CHECK_THAT(refusal("%%MatrixMarket matrix coordinate complex hermitian\n"),
             Contains("'matrix coordinate complex"));
  CHECK_THAT(refusal(banner), Contains("g:1: the matrix has no size"));
  CHECK_THAT(refusal(banner + "2 3 1\n1 2\n"), Contains("2 rows and 3 columns"));
  CHECK_THAT(refusal(banner + "2 2 1\n1 3\n"),
             Equals("g:3:3: '3' is no index; allowed: whole numbers from 1 to 2"));
  CHECK_THAT(refusal(banner + "2 2 1\n1 0\n"), Contains("g:3:3: '0' is no index"));
  CHECK_THAT(refusal(banner + "2 2 2\n1 2\n"), Equals("g:3: the matrix ends after 1 of 2 entries"));
  CHECK_THAT(refusal(banner + "2 2 1\n1 2\n2 1\n"), Contains("g:4:1: one entry too many"));
  CHECK_THAT(refusal(banner + "2 2 1\n1 2 3\n"),
             Contains("g:3:1: 3 words in this line; allowed: row column"));
  const Topology one_sided = read(banner + "3 3 2\n1 2\n2 3\n");
  CHECK(one_sided.notes.front() ==
        "g: note: its matrix is not symmetric; each entry is an edge, both ways (arcs: directed: true)");
  CHECK(links_of(read(banner + "3 3 3\n1 2\n2 3\n3 1\n", {.directed = true})).size() == 3);
  const Topology laplacian = read(
      "%%MatrixMarket matrix coordinate real symmetric\n3 3 6\n1 1 1\n2 1 -1\n2 2 2\n3 2 -1\n3 3 1\n3 1 0\n");
  CHECK(edge_list(laplacian.graph).size() == 2);
  CHECK(laplacian.notes.front() == "g: note: entries that are 0 are no edges: 1");
  const Topology weighted =
      read("%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 3\n2 1 .5\n2 2 3\n");
  CHECK(weighted.notes.front() == "g: note: of edges it uses latency and bandwidth, and not: weights");
  const Topology ones = read("%%MatrixMarket matrix coordinate integer symmetric\n2 2 1\n2 1 1\n");
  CHECK(ones.notes.front() == "g: note: its nodes, 1 to 2, are numbered 0 to 1 in this order");
}

TEST_CASE("a directed file needs a directed topology, unless all its arcs lead both ways",
          "[topologies][file]") {
  const auto gml = [](const std::string& arcs) {
    return "graph [ directed 1 node [ id 0 label \"A\" ] node [ id 1 label \"B\" ] " + arcs + " ]";
  };
  const std::string there = "edge [ source 0 target 1 latency \"1 ms\" ] ";
  const std::string back = "edge [ source 1 target 0 latency \"2 ms\" ]";
  const Topology both = read(gml(there + back));
  CHECK_FALSE(both.directed);
  CHECK(both.links.at({1, 0}).latency == Duration{2'000'000});
  CHECK_THAT(refusal(gml(there)),
             Contains("g: its graph is directed, and A - B leads one way; allowed: directed: true"));
  CHECK_THAT(refusal(gml(there), {.directed = true}), Contains("not strongly connected"));
  CHECK(links_of(read(gml(there + back), {.directed = true})).size() == 2);
  const auto mixed = [](const std::string& arcs) {
    return R"(<graphml><graph edgedefault="undirected"><node id="0"/><node id="1"/><node id="2"/>)"
           R"(<edge source="1" target="2"/>)" +
           arcs + "</graph></graphml>";
  };
  const std::string arc = R"(<edge source="0" target="1" directed="true"/>)";
  CHECK_THAT(refusal(mixed(arc)), Contains("g: its graph is directed, and 0 - 1 leads one way; allowed:"));
  CHECK(links_of(read(mixed(arc + R"(<edge source="1" target="0" directed="true"/>)"))).size() == 2);
  CHECK(links_of(read(mixed(arc + R"(<edge source="2" target="0" directed="true"/>)"), {.directed = true})) ==
        std::vector<Edge>{{0, 1}, {1, 2}, {2, 0}, {2, 1}});
  const std::string undirected = "graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 ] ]";
  CHECK(links_of(read(undirected, {.directed = true})) == std::vector<Edge>{{0, 1}, {1, 0}});
}

TEST_CASE("a star of a file gets its server as the last node", "[topologies][file]") {
  const Topology star =
      with_server_last(read("hub w1 bandwidth=1Mbit/s\nw2 hub\nhub w10\nw1 hub bandwidth=2Mbit/s\n"));
  CHECK(edge_list(star.graph) == std::vector<Edge>{{0, 3}, {1, 3}, {2, 3}});
  CHECK(star.names == Names{"w1", "w2", "w10", "hub"});
  CHECK(star.links.at({3, 0}).bandwidth == Bandwidth{1'000'000});
  CHECK(star.links.at({0, 3}).bandwidth == Bandwidth{2'000'000});
  CHECK(star.notes ==
        Names{"topology: note: the middle of its star, hub, is the server and numbered last, 3; "
              "the others, w1 to w10, come before it in this order"});
  CHECK(with_server_last(read("0 1\n0 2\n")).names == Names{"1", "2", "0"});
  CHECK(with_server_last(read("0 1\n")).names.empty());
  for (const char* none : {"0 1\n1 2\n2 3\n", "0 1\n1 2\n2 0\n"}) {
    CHECK_THAT(error_of([&] { with_server_last(read(none)); }), Contains("its graph is no star"));
  }
  CHECK(edge_list(with_server_last(Star{3}.build(0)).graph) == edge_list(Star{3}.build(0).graph));
}

// ---- Properties

/// One graph, as many programs write it. All but Matrix Market number from 0.
Names written(const std::vector<Edge>& list, int n) {
  Names texts(14);
  for (std::size_t k = 0; k < list.size(); ++k) {
    const auto [u, v] = list[k];
    texts[0] += fmt::format("{} {} {{}}\n", u, v);
    texts[1] += fmt::format("{} {} {{'weight': {}.5}}\n", u, v, k);
    texts[2] += fmt::format("{} {} {}.5\n", u, v, k);
    texts[3] += fmt::format("{}\t{}\r\n", u, v);
    texts[4] += fmt::format("{}, {}\n", u, v);
    texts[5] += fmt::format("{},{},{}\n", k, u, v);
    texts[6] += fmt::format("\"{}\";\"{}\"\r\n", u, v);
    texts[7] += fmt::format("{} {}\n{} {}\n", u, v, v, u);
    texts[8] += fmt::format("{:.18e} {:.18e}\n", 1.0 * u, 1.0 * v);
    texts[9] += fmt::format("edge [ source {} target {} ]\n", u, v);
    texts[10] += fmt::format("<edge source=\"{}\" target=\"{}\"/>\n", u, v);
    texts[11] += fmt::format("{} {}\n", std::max(u, v) + 1, std::min(u, v) + 1);
    texts[12] += fmt::format("{} {} 1.0\n{} {} 1.0\n", u + 1, v + 1, v + 1, u + 1);
    texts[13] += fmt::format("{} {}\n", u, v);
  }
  std::string gml, xml;
  for (int node = n - 1; node >= 0; --node) {
    gml += fmt::format("node [ id {} label \"{}\" ]\n", node, node);
    xml += fmt::format("<node id=\"{}\"/>\n", node);
  }
  const std::size_t m = list.size();
  texts[5] = ",source,target\n" + texts[5];
  texts[6] =
      "\xef\xbb\xbf"
      "from;to\r\n" +
      texts[6];
  texts[7] = fmt::format("{}\n", n) + texts[7];
  texts[9] = "Creator \"x\"\ngraph [\n" + gml + texts[9] + "]\n";
  texts[10] = "<?xml version='1.0'?>\n<graphml><graph edgedefault=\"undirected\">\n" + xml + texts[10] +
              "</graph></graphml>";
  texts[11] =
      fmt::format("%%MatrixMarket matrix coordinate pattern symmetric\n%\n{} {} {}\n", n, n, m) + texts[11];
  texts[12] =
      fmt::format("%%MatrixMarket matrix coordinate real general\n{} {} {}\n", n, n, 2 * m) + texts[12];
  texts[13] = fmt::format("# Nodes: {} Edges: {}\n{} {}\n", n, m, n, m) + texts[13];
  return texts;
}

std::string adjacency_list(const Graph& graph, bool multiline) {
  std::string text;
  for (int u = 0; u < node_count(graph); ++u) {
    std::string later;
    int count = 0;
    for (const int v : neighbors(graph, u)) {
      if (v < u) continue;
      later += multiline ? fmt::format("{} {{}}\n", v) : fmt::format(" {}", v);
      ++count;
    }
    text += multiline ? fmt::format("{} {}\n{}", u, count, later) : fmt::format("{}{}\n", u, later);
  }
  return text;
}

TEST_CASE("every writer of a graph, and every order of its lines, gives the same graph",
          "[topologies][file]") {
  boost::random::mt19937_64 generator(7);
  const auto below = [&](std::size_t bound) {
    return boost::random::uniform_int_distribution<std::size_t>(0, bound - 1)(generator);
  };
  for (const int n : {5, 12, 40}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const Topology drawn = WattsStrogatz{.nodes = n, .k = 4, .p = 0.3}.build(seed);
      const std::vector<Edge> expected = edge_list(drawn.graph);
      std::vector<Edge> list = expected;
      for (std::size_t k = list.size(); k > 1; --k) std::swap(list[k - 1], list[below(k)]);
      for (auto& [u, v] : list) {
        if (below(2) == 0) std::swap(u, v);
      }
      Names texts = written(list, n);
      texts.push_back(adjacency_list(drawn.graph, false));
      texts.push_back(adjacency_list(drawn.graph, true));
      for (std::size_t k = 0; k < texts.size(); ++k) {
        CAPTURE(n, seed, k, texts[k]);
        const TopologyFile family{.lines = k == 13 ? Lines::counted_edges : Lines::automatic};
        REQUIRE(edges(texts[k], family) == expected);
      }
      std::string names;
      for (const auto& [u, v] : list) names += fmt::format("node{} node{}\n", u, v);
      REQUIRE(edges(names) == expected);  // node10 comes after node9.
    }
  }
}

TEST_CASE("any bytes are a graph, or refused in one line", "[topologies][file]") {
  boost::random::mt19937_64 generator(11);
  constexpr std::string_view alphabet = "0123 \t\n,;#%\"'{}[]<>=:ax.-e\r*\xef";
  for (int trial = 0; trial < 20'000; ++trial) {
    std::string text;
    for (auto size = generator() % 24; size > 0; --size) text += alphabet[generator() % alphabet.size()];
    const std::string error = refusal(text);
    CAPTURE(text, error);
    REQUIRE((error == "no error" || error.starts_with("g:") || error.starts_with("lines:")));
    REQUIRE(error.find("basic_string") == std::string::npos);
  }
}

TEST_CASE("names are ordered as people do", "[topologies][file]") {
  CHECK(precedes("w2", "w10"));
  CHECK(precedes("a", "b"));
  CHECK(precedes("a", "a1"));
  CHECK(precedes("a01", "a1"));
  CHECK_FALSE(precedes("a1", "a01"));
  CHECK_FALSE(precedes("a", "a"));
  CHECK(precedes("10.0.0.2", "10.0.0.10"));
  CHECK(precedes("z", "\xc3\xa4"));
}

}  // namespace
}  // namespace gossamer
