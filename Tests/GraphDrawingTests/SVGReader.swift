import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What an SVG document contains, as an XML parser sees it.
final class SVGReader: NSObject, XMLParserDelegate {
    private(set) var elements: [String: Int] = [:]
    private(set) var attributes: [(name: String, value: String)] = []
    /// Ids of the groups of class `node`.
    private(set) var nodeIDs: [String] = []
    private(set) var titles: [String] = []
    private(set) var texts: [String] = []
    private var open = ""

    /// Parses the document; nil where it is not well-formed.
    init?(_ bytes: [UInt8]) {
        super.init()
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        elements[name, default: 0] += 1
        self.attributes += attributes.map { ($0.key, $0.value) }
        if attributes["class"] == "node", let id = attributes["id"] { nodeIDs.append(id) }
        open = name
        if name == "title" { titles.append("") }
        if name == "text" { texts.append("") }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        open = ""
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if open == "title" { titles[titles.count - 1] += string }
        if open == "text" { texts[texts.count - 1] += string }
    }
}
