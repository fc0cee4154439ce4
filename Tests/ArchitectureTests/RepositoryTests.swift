import Foundation
import Testing

/// What holds for the files of the repository, whatever language they are in.
@Suite("The repository") struct RepositoryTests {
    @Test("No relative link in a document leads nowhere")
    func links() {
        let documents = Repository.files(withSuffix: ".md")
        let dead = documents.flatMap { document in
            Self.links(in: Repository.text(of: document) ?? "").filter { link in
                let folder = document.split(separator: "/").dropLast().joined(separator: "/")
                return !Repository.exists(folder.isEmpty ? link : folder + "/" + link)
            }.map { "\(document): \($0)" }
        }
        #expect(dead == [])
    }

    @Test("A link that leads nowhere is seen")
    func linksAreRead() {
        let text = """
            [a](there.md#part) ![b](pictures/x.svg "title") [c](https://example.org) [d](#here)
            `[e](code.md)` <a href="f.md"> [g]: defined.md
            """
        #expect(Self.links(in: text) == ["there.md", "pictures/x.svg"])
    }

    @Test("No file names a folder of the machine that it was written on")
    func noMachinePaths() {
        // Written in parts: this file is looked at too.
        let places = ["root", "work", "home"].map { "/\($0)/" }
        let allowedStarts: Set<Character> = [".", "~", "*"]
        var found: [String] = []
        for file in Repository.files() {
            let bytes = FileManager.default.contents(
                atPath: Repository.root.appending(path: file).path())
            // A model or a picture holds any bytes.
            guard let bytes, String(validating: bytes, as: UTF8.self) != nil,
                places.contains(where: { bytes.range(of: Data($0.utf8)) != nil })
            else { continue }
            for (offset, line) in Repository.lines(of: file).enumerated() {
                for place in places {
                    guard let start = line.range(of: place)?.lowerBound else { continue }
                    // In the middle of a longer path it is no absolute one.
                    let before = line[..<start].last
                    let isMiddle =
                        before.map {
                            $0.isLetter || $0.isNumber || allowedStarts.contains($0)
                                || "_-$}".contains($0)
                        }
                        ?? false
                    if !isMiddle { found.append("\(file):\(offset + 1): \(place)") }
                }
            }
        }
        #expect(found == [])
    }

    @Test("Every SQL file is installed exactly once, in the order that SQL/order gives")
    func installationOrder() {
        let order = Repository.lines(of: "SQL/order")
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        // Joined apart: only CREATE EXTENSION understands it.
        let apart: Set<String> = ["extension.sql"]
        let files = Repository.files(under: "SQL", withSuffix: ".sql")
            .map { String($0.dropFirst("SQL/".count)) }
            .filter { !apart.contains($0) && !$0.hasPrefix("updates/") }
        #expect(order.sorted() == files.sorted())
        #expect(Set(order).count == order.count)
    }

    @Test("Files under SQL are what the joining script knows how to join")
    func sqlFolder() {
        let others = Repository.files(under: "SQL").filter { !$0.hasSuffix(".sql") }
        #expect(others == ["SQL/join.sh", "SQL/order", "SQL/updates/README.md"])
    }

    @Test("What an update does to a table or type stands under the name of that file")
    func updateSteps() {
        let order = Set(Repository.lines(of: "SQL/order"))
        let frame: Set<String> = ["begin.sql", "obsolete.sql", "end.sql"]
        let strays = Repository.files(under: "SQL/updates", withSuffix: ".sql")
            .map { String($0.dropFirst("SQL/updates/".count)) }
            .filter { !frame.contains($0) }
            .filter { file in
                let place = file.drop { $0 != "/" }.dropFirst()
                return !order.contains(String(place)) && place != "before.sql"
                    && place != "after.sql"
            }
        #expect(strays == [])
    }

    /// Relative targets of inline links outside code, without their anchors.
    private static func links(in text: String) -> [String] {
        let prose = text.replacing(/```[\s\S]*?```/, with: "").replacing(/`[^`\n]*`/, with: "")
        return prose.matches(of: /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/).compactMap { match in
            let target = String(match.1).split(separator: "#", omittingEmptySubsequences: false)[0]
            guard !target.isEmpty, !target.contains(":"), !target.hasPrefix("/") else { return nil }
            return String(target).removingPercentEncoding
        }
    }
}
