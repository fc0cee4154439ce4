import Foundation
import Testing

/// Keeps the house in order: who imports whom, and what code must not do.
@Suite("The house") struct HouseTests {
    @Test("A target imports only what its room in the house allows", arguments: House.rooms)
    func importsAreAllowed(room: House.Room) {
        let allowed = room.targets.union(room.others).union(House.common)
        let files = Repository.files(under: "Sources/\(room.target)", withSuffix: ".swift")
        #expect(!files.isEmpty, "there are no sources of \(room.target)")
        let strangers = files.flatMap { file in
            Repository.imports(of: file).filter { !allowed.contains($0) }.map { "\(file): \($0)" }
        }
        #expect(strangers == [])
    }

    @Test("Every target in Sources has a room, and every room a target")
    func everyTargetHasARoom() {
        let rooms = Set(House.rooms.map(\.target)).union(House.wrappers.keys)
        #expect(Set(Repository.folders(under: "Sources")) == rooms)
    }

    @Test("Imports point downwards only")
    func noCycles() {
        var placed = Set(House.wrappers.keys)
        for room in House.rooms {
            #expect(
                room.targets.isSubset(of: placed),
                "\(room.target) imports \(room.targets.subtracting(placed)), which stand above it")
            placed.insert(room.target)
        }
    }

    @Test(
        "A C library is imported by its wrapper's one target only",
        arguments: House.wrappers.keys.sorted())
    func oneImporter(wrapper: String) {
        let importers = Set(
            ["Sources", "Tests", "Benchmarks", "Plugins"].flatMap {
                Repository.files(under: $0, withSuffix: ".swift")
            }
            .filter { Repository.imports(of: $0).contains(wrapper) }
            .compactMap { $0.split(separator: "/").dropFirst().first.map(String.init) })
        #expect(importers == [House.wrappers[wrapper]].compactMap(\.self).asSet)
    }

    @Test(
        "The pure targets touch no file, no clock and no process",
        arguments: House.rooms.filter(\.isPure))
    func pureTargets(room: House.Room) {
        let found = Repository.files(under: "Sources/\(room.target)", withSuffix: ".swift").flatMap
        { file in
            Repository.code(of: file).flatMap { line in
                House.impurities.filter { line.text.mentions($0) }.map {
                    "\(file):\(line.number): \($0)"
                }
            }
        }
        #expect(found == [])
    }

    @Test(
        "No source gives up by fatalError or try!",
        arguments: ["fatalError", "try!", "as!", "assertionFailure"])
    func noTraps(word: String) {
        let found = Repository.files(under: "Sources", withSuffix: ".swift").flatMap { file in
            Repository.code(of: file).filter { $0.text.mentions(word) }.map {
                "\(file):\($0.number)"
            }
        }
        #expect(found == [])
    }

    @Test(
        "Package.swift gives a target exactly the targets that its sources import",
        arguments: House.rooms)
    func manifestAgrees(room: House.Room) throws {
        let manifest = try #require(Repository.text(of: "Package.swift"))
        let start = try #require(
            manifest.range(of: "arget(\n            name: \"\(room.target)\"")
                ?? manifest.range(of: "arget(name: \"\(room.target)\""))
        let rest = manifest[start.upperBound...]
        let end = rest.range(of: "swiftSettings")?.lowerBound ?? rest.endIndex
        let names = Set(House.rooms.map(\.target)).union(House.wrappers.keys)
        let declared = Set(
            rest[..<end].matches(of: /"(\w+)"/).map { String($0.1) }.filter(names.contains))
        let imported = Set(
            Repository.files(under: "Sources/\(room.target)", withSuffix: ".swift")
                .flatMap(Repository.imports)
        ).intersection(names)
        #expect(imported.isSubset(of: declared), "not declared: \(imported.subtracting(declared))")
        #expect(
            declared.isSubset(of: room.targets),
            "not in the house: \(declared.subtracting(room.targets))")
    }
}

extension Array where Element: Hashable {
    fileprivate var asSet: Set<Element> { Set(self) }
}

extension String {
    /// Whether the word stands in the line, not as the end of a longer one.
    fileprivate func mentions(_ word: String) -> Bool {
        var rest = self[...]
        while let found = rest.range(of: word) {
            let before = rest[..<found.lowerBound].last
            if before.map({ !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "." }) ?? true {
                return true
            }
            rest = rest[found.upperBound...]
        }
        return false
    }
}
