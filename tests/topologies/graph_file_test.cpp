#include "topologies/graph_file.hpp"

#include <catch2/catch.hpp>

#include "tests/topologies/support.hpp"

namespace gossamer {
namespace {

using Catch::Matchers::Equals;

AttributedGraph read(const std::string& text) {
  InputFile file("g");
  file.content = std::make_shared<const std::string>(text);
  return read_graph_file(file);
}

std::string refusal(const std::string& text) {
  return error_of([&] { read(text); });
}

TEST_CASE("GraphML is read with names and attributes", "[graph_file]") {
  // As networkx 2.8 writes it.
  const AttributedGraph graph = read(R"(<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <key id="d1" for="edge" attr.name="latency" attr.type="string" />
  <key id="d0" for="node" attr.name="label" attr.type="string" />
  <graph edgedefault="undirected">
    <node id="0"><data key="d0">Wien &amp; Graz</data></node>
    <node id="1"><data key="d0">Bern</data></node>
    <edge source="0" target="1"><data key="d1">5 ms</data></edge>
    <edge source="1" target="1" />
  </graph>
</graphml>)");
  CHECK_FALSE(graph.directed);
  REQUIRE(graph.nodes.size() == 2);
  CHECK(graph.nodes[0].name == "Wien & Graz");
  CHECK(graph.nodes[1].name == "Bern");
  REQUIRE(graph.edges.size() == 2);
  CHECK((graph.edges[0].from == 0 && graph.edges[0].to == 1));
  CHECK(graph.edges[0].attributes == Attributes{{"latency", "5 ms"}});
  CHECK(graph.edges[1].attributes.empty());
  CHECK(read(R"(<graphml><graph edgedefault="directed"><node id="a"/></graph></graphml>)").directed);
}

TEST_CASE("GraphML has defaults of attributes, for nodes, for edges, or for both", "[graph_file]") {
  const AttributedGraph graph = read(R"(<graphml>
  <key id="d0" for="edge" attr.name="latency"><default>5 ms</default></key>
  <key id="d1" for="node" attr.name="kind"><default>router</default></key>
  <key id="d2" attr.name="bandwidth"><default>1 Gbit/s</default></key>
  <graph><node id="0"/><node id="1"/>
    <edge source="0" target="1"/><edge source="1" target="0"><data key="d0">1 ms</data></edge>
  </graph></graphml>)");
  CHECK(graph.nodes[0].attributes == Attributes{{"bandwidth", "1 Gbit/s"}, {"kind", "router"}});
  CHECK(graph.edges[0].attributes == Attributes{{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}});
  CHECK(graph.edges[1].attributes.find("Latency")->second == "1 ms");  // Small letters and capitals are one.
}

TEST_CASE("igraph's names are names", "[graph_file]") {
  const AttributedGraph graphml = read(R"(<graphml><key id="v_name" for="node" attr.name="name"/>
  <graph><node id="n0"><data key="v_name">Bern</data></node><node id="n1"><data key="v_name">Oslo</data></node>
  </graph></graphml>)");
  const AttributedGraph gml = read("graph [ node [ id 0 name \"Bern\" ] node [ id 1 name \"Oslo\" ] ]");
  for (const AttributedGraph& graph : {graphml, gml}) {
    CHECK(graph.nodes[0].name == "Bern");
    CHECK(graph.nodes[1].name == "Oslo");
  }
  CHECK(read("graph [ node [ id 0 label \"A\" name \"B\" ] ]").nodes[0].name == "A");
}

TEST_CASE("labels that are missing or not different do not become names", "[graph_file]") {
  const AttributedGraph graph = read("graph [ node [ id 7 label \"x\" ] node [ id 9 label \"x\" ] ]");
  CHECK(graph.nodes[0].name == "7");
  CHECK(graph.nodes[1].name == "9");
}

TEST_CASE("GML is read with names and attributes", "[graph_file]") {
  const AttributedGraph graph = read(R"(Creator "me [at] home"
# a comment [
graph
[
  directed 1
  comment "a
text"
  node [ id 4 label "A B" graphics [ x 1.5 inner [ y 2 ] ] Latitude -4.5 ]
  edge [ source 4 target 2 bandwidth "1 Gbit/s" ]
  node [ id 2 label "C" ]
]
)");
  CHECK(graph.directed);
  REQUIRE(graph.nodes.size() == 2);
  CHECK(graph.nodes[0].name == "A B");
  CHECK(graph.nodes[0].attributes.find("Latitude")->second == "-4.5");
  REQUIRE(graph.edges.size() == 1);
  CHECK((graph.edges[0].from == 0 && graph.edges[0].to == 1));
  CHECK(graph.edges[0].attributes == Attributes{{"bandwidth", "1 Gbit/s"}});
}

TEST_CASE("GML writes what is not ASCII by its number, and may begin with a byte order mark",
          "[graph_file]") {
  const AttributedGraph graph =
      read("\xef\xbb\xbfgraph [ node [ id 1 label \"Z&#252;rich &amp; &#8364;&#128512; &x; &\" ] ]");
  CHECK(graph.nodes[0].name == "Z\xc3\xbcrich & \xe2\x82\xac\xf0\x9f\x98\x80 &x; &");
}

TEST_CASE("graph files that cannot be used are refused, with the place where it is known", "[graph_file]") {
  CHECK_THAT(refusal(""), Equals("g: is neither GraphML nor GML: it has no `graph [`"));
  CHECK_THAT(refusal("graph [ ]"), Equals("g: holds no node"));
  CHECK_THAT(refusal("graph [\n node [ id 1\n"), Equals("g:3: the file ends within a list"));
  CHECK_THAT(refusal("graph [\n node 1 ]"), Equals("g:2: a list `[` has to follow here"));
  CHECK_THAT(refusal("graph [\n node [ label \"a\" ] ]"), Equals("g:2: this node has no `id`"));
  CHECK_THAT(refusal("graph [ node [ id 1 label \"a ] ]"), Equals("g:1: a text in quotes does not end"));
  CHECK_THAT(refusal("graph [ node [ id 1 ] node [ id 1 ] ]"), Equals("g: node 1 is there twice"));
  CHECK_THAT(refusal("graph [ node [ id 1 ] edge [ source 1 target 2 ] ]"),
             Equals("g: an edge ends at node 2, which is not there"));
  CHECK_THAT(refusal("graph [ node [ id 1 ] ] graph [ ]"), Equals("g:1: a second graph; one is allowed"));
  CHECK_THAT(refusal("<graphml>"), Catch::StartsWith("g:1: is no XML: "));
  CHECK_THAT(refusal("<html/>"), Equals("g: is no GraphML: it has no element <graph> within <graphml>"));
  CHECK_THAT(refusal("<graphml><graph/><graph/></graphml>"),
             Equals("g: holds several graphs; one is allowed"));
  CHECK_THAT(refusal("<graphml><graph><node/></graph></graphml>"),
             Equals("g: an element of the GraphML has no attribute 'id'"));
  CHECK_THAT(refusal("<graphml><graph><node id='1'><graph/></node></graph></graphml>"),
             Equals("g: has a <graph> within a node or edge, which is not read"));
}

}  // namespace
}  // namespace gossamer
