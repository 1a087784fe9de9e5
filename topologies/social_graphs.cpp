#include "topologies/social_graphs.hpp"

#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer {
namespace {

// Line i of a table has the neighbours of node i with greater numbers; the last nodes may have none.

constexpr std::string_view karate_club[] = {
    "1 2 3 4 5 6 7 8 10 11 12 13 17 19 21 31",  // the instructor
    "2 3 7 13 17 19 21 30",
    "3 7 8 9 13 27 28 32",
    "7 12 13",
    "6 10",
    "6 10 16",
    "16",
    "",
    "30 32 33",
    "33",
    "",
    "",
    "",
    "33",
    "32 33",
    "32 33",
    "",
    "",
    "32 33",
    "33",
    "32 33",
    "",
    "32 33",
    "25 27 29 32 33",
    "25 27 31",
    "31",
    "29 33",
    "33",
    "31 33",
    "32 33",
    "32 33",
    "32 33",
    "33",
};

constexpr std::string_view davis_southern_women[] = {
    "18 19 20 21 22 23 25 26",  // Evelyn Jefferson
    "18 19 20 22 23 24 25",     // Laura Mandeville
    "19 20 21 22 23 24 25 26",  // Theresa Anderson
    "18 20 21 22 23 24 25",     // Brenda Rogers
    "20 21 22 24",              // Charlotte McDowd
    "20 22 23 25",              // Frances Anderson
    "22 23 24 25",              // Eleanor Nye
    "23 25 26",                 // Pearl Oglethorpe
    "22 24 25 26",              // Ruth DeSand
    "24 25 26 29",              // Verne Sanderson
    "25 26 27 29",              // Myra Liddel
    "25 26 27 29 30 31",        // Katherina Rogers
    "24 25 26 27 29 30 31",     // Sylvia Avondale
    "23 24 26 27 28 29 30 31",  // Nora Fayette
    "24 25 27 28 29",           // Helen Lloyd
    "25 26",                    // Dorothy Murchison
    "26 28",                    // Olivia Carleton
    "26 28",                    // Flora Price
};

constexpr std::string_view florentine_families[] = {
    "1",          // Acciaiuoli
    "5 6 7 8 9",  // Medici
    "3 4 5",      // Castellani
    "4 11",       // Peruzzi
    "6 11",       // Strozzi
    "",           // Barbadori
    "7",          // Ridolfi
    "12",         // Tornabuoni
    "12 13",      // Albizzi
    "10",         // Salviati
    "",           // Pazzi
    "12",         // Bischeri
    "14",         // Guadagni
};

constexpr std::string_view les_miserables[] = {
    "1",                   // Napoleon
    "2 3 4 5 6 7 8 9 10",  // Myriel
    "3 10",                // MlleBaptistine
    "10",                  // MmeMagloire
    "",                    // CountessDeLo
    "",                    // Geborand
    "",                    // Champtercier
    "",                    // Cravatte
    "",                    // Count
    "",                    // OldMan
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): both lines are of one character.
    "11 12 13 14 15 23 24 25 26 27 28 29 31 32 33 34 "
    "35 36 37 38 43 44 48 49 51 55 58 64 68 69 70 71 72",     // Valjean
    "",                                                       // Labarre
    "23",                                                     // Marguerite
    "",                                                       // MmeDeR
    "",                                                       // Isabeau
    "",                                                       // Gervais
    "17 18 19 20 21 22 23",                                   // Listolier
    "18 19 20 21 22 23 26 55",                                // Tholomyes
    "19 20 21 22 23",                                         // Fameuil
    "20 21 22 23",                                            // Blacheville
    "21 22 23",                                               // Favourite
    "22 23",                                                  // Dahlia
    "23",                                                     // Zephine
    "24 25 27 29 30 31",                                      // Fantine
    "25 26 27 41 42 50 68 69 70",                             // MmeThenardier
    "26 27 39 40 41 42 48 55 68 69 70 71 75",                 // Thenardier
    "27 43 49 51 54 55 72",                                   // Cosette
    "28 29 31 33 43 48 58 68 69 70 71 72",                    // Javert
    "44 45",                                                  // Fauchelevent
    "34 35 36 37 38",                                         // Bamatabois
    "31",                                                     // Perpetue
    "",                                                       // Simplice
    "",                                                       // Scaufflaire
    "",                                                       // Woman1
    "35 36 37 38",                                            // Judge
    "36 37 38",                                               // Champmathieu
    "37 38",                                                  // Brevet
    "38",                                                     // Chenildieu
    "",                                                       // Cochepaille
    "52 55",                                                  // Pontmercy
    "",                                                       // Boulatruelle
    "42 55 57 62 68 69 70 71 75",                             // Eponine
    "",                                                       // Anzelma
    "",                                                       // Woman2
    "",                                                       // MotherInnocent
    "",                                                       // Gribier
    "47 48",                                                  // MmeBurgon
    "",                                                       // Jondrette
    "55 57 58 59 60 61 62 63 64 65 66 68 69 71 73 74 75 76",  // Gavroche
    "50 51 54 55 56",                                         // Gillenormand
    "",                                                       // Magnon
    "52 53 54 55",                                            // MlleGillenormand
    "",                                                       // MmePontmercy
    "",                                                       // MlleVaubois
    "55",                                                     // LtGillenormand
    "56 57 58 59 61 62 63 64 65",                             // Marius
    "",                                                       // BaronessT
    "58 59 61 62 63 64 65 67",                                // Mabeuf
    "59 60 61 62 63 64 65 66 70 76",                          // Enjolras
    "60 61 62 63 64 65 66",                                   // Combeferre
    "61 62 63 64 65 66",                                      // Prouvaire
    "62 63 64 65 66",                                         // Feuilly
    "63 64 65 66 76",                                         // Courfeyrac
    "64 65 66 76",                                            // Bahorel
    "65 66 76",                                               // Bossuet
    "66 76",                                                  // Joly
    "76",                                                     // Grantaire
    "",                                                       // MotherPlutarch
    "69 70 71 75",                                            // Gueulemer
    "70 71 75",                                               // Babet
    "71 75",                                                  // Claquesous
    "75",                                                     // Montparnasse
    "",                                                       // Toussaint
    "74",                                                     // Child1
};

Topology from_table(int nodes, std::span<const std::string_view> table) {
  std::vector<Edge> edges;
  for (std::size_t node = 0; node < table.size(); ++node) {
    std::istringstream greater{std::string(table[node])};
    for (int other; greater >> other;) edges.emplace_back(static_cast<int>(node), other);
  }
  return {.graph = make_graph(nodes, std::move(edges))};
}

}  // namespace

Topology KarateClub::build(std::uint64_t) const {
  return from_table(34, karate_club);
}

Topology DavisSouthernWomen::build(std::uint64_t) const {
  return from_table(32, davis_southern_women);
}

Topology FlorentineFamilies::build(std::uint64_t) const {
  return from_table(15, florentine_families);
}

Topology LesMiserables::build(std::uint64_t) const {
  return from_table(77, les_miserables);
}

}  // namespace gossamer
