import Testing

@testable import GraphDrawing

@Suite("Text of strangers")
struct DisplayTextTests {
    @Test(
        "Hidden and dangerous characters are shown by their code",
        arguments: [
            ("a\u{202E}b", "a‹U+202E›b"), ("a\nb", "a‹U+000A›b"), ("\u{0}", "‹U+0000›"),
            ("pay\u{200B}pal", "pay‹U+200B›pal"), ("\u{FFFE}", "‹U+FFFE›"),
            ("\u{E000}", "‹U+E000›"),
            ("  two \u{A0} words ", "two words"), ("Nguyễn", "Nguyễn"), ("李小龙", "李小龙"),
            ("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}"), ("\u{301}a", "a"),
        ])
    func visible(raw: String, shown: String) {
        #expect(DisplayText.visible(raw, lengthMax: 100) == shown)
    }

    @Test("Long text keeps both ends")
    func shortened() {
        let name =
            "login.secure.account." + String(repeating: "sub.", count: 200_000) + "example.com"
        let shown = DisplayText.visible(name, lengthMax: 28)
        #expect(shown.count == 28)
        #expect(shown.hasPrefix("login.secure"))
        #expect(shown.hasSuffix("xample.com"))
    }

    @Test(
        "Every hostile name becomes bounded text without controls", arguments: Samples.hostileNames)
    func bounded(_ name: String) {
        let shown = DisplayText.visible(name, lengthMax: 40)
        #expect(shown.count <= 40)
        #expect(shown.unicodeScalars.count <= 120)
        #expect(
            shown.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control
                    && $0.properties.generalCategory != .format
            })
    }

    @Test("Quotes and backslashes cannot end or change a label")
    func quoted() {
        #expect(DOTText.label("a\"];b") == #""a\"];b""#)
        #expect(DOTText.label(#"\N\"#) == #""\\N\\""#)
        #expect(DOTText.label("AT&T; x") == "\"AT‹U+0026›T; x\"")
        #expect(DOTText.label("R&D") == "\"R&D\"")
        #expect(DOTText.label(["a", "b"], justification: .left) == #""a\lb\l""#)
    }

    @Test("Wrapped text fits its width and says where it ends")
    func wrapped() {
        let lines = TextMetrics.wrapped(
            String(repeating: "word ", count: 100) + String(repeating: "x", count: 300), size: 10,
            widthMax: 100, lineCountMax: 4)
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { TextMetrics.width(of: $0, size: 10) <= 100 })
        #expect(lines.last?.hasSuffix("…") == true)
    }
}
