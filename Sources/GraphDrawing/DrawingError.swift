/// Why no picture came out: a code to branch on, and one sentence for people.
package struct DrawingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that a caller can treat differently.
    package enum Code: String, Sendable, CaseIterable {
        /// Graphviz could not be started at all.
        case graphvizUnavailable
        /// Graphviz lacks the plugin that draws or lays out.
        case pluginMissing
        /// The DOT text is not a graph.
        case invalidDOT
        /// The layout engine gave up.
        case layoutFailed
        /// The picture could not be written.
        case renderingFailed
        /// The JSON text is not a subgraph, or a subgraph cannot be written as JSON.
        case invalidSubgraph
    }

    /// What kind of failure this is.
    package let code: Code
    /// What went wrong, in one sentence, with the way out where there is one.
    package let message: String

    /// Makes an error of the given kind.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
