import Foundation
import Mustache

/// The templates, and the files that the page loads: all within the program.
struct PageTemplates: Sendable {
    private let library: MustacheLibrary

    /// Parses every template.
    init() throws {
        MustacheContentTypes.register(ScalarHTML(), named: "SCALARS")
        var library = MustacheLibrary()
        for (name, bytes) in Self.sources {
            let text = "{{% CONTENT_TYPE:SCALARS}}" + String(decoding: bytes, as: UTF8.self)
            try library.register(MustacheTemplate(string: text), named: name)
        }
        self.library = library
    }

    /// One template with its values.
    func render(_ name: String, _ values: PageValue) -> String {
        guard let template = library.getTemplate(named: name) else {
            preconditionFailure("there is no template \(name)")
        }
        return template.render(values, library: library)
    }

    private static let sources: [String: [UInt8]] = [
        "layout": PackageResources.layout_mustache,
        "sign_in": PackageResources.sign_in_mustache,
        "anomalies": PackageResources.anomalies_mustache,
        "anomaly": PackageResources.anomaly_mustache,
        "incidents": PackageResources.incidents_mustache,
        "incident": PackageResources.incident_mustache,
        "entities": PackageResources.entities_mustache,
        "entity": PackageResources.entity_mustache,
        "statistics": PackageResources.statistics_mustache,
        "model": PackageResources.model_mustache,
        "problem": PackageResources.problem_mustache,
    ]

    /// A file that the page loads.
    struct File: Sendable {
        var path: String
        var type: String
        var bytes: [UInt8]
    }

    static let files = [
        File(path: "/page.css", type: "text/css; charset=utf-8", bytes: PackageResources.page_css),
        File(
            path: "/page.js", type: "text/javascript; charset=utf-8",
            bytes: PackageResources.page_js),
        File(path: "/icon.svg", type: "image/svg+xml", bytes: PackageResources.icon_svg),
    ]
}

/// HTML escaped by Unicode scalars.
///
/// The engine's own escapes by `Character`: a quotation mark that a combining sign follows passes it.
private struct ScalarHTML: MustacheContentType {
    func escapeText(_ text: String) -> String { PageText.escaped(text) }
}
