/// The forms in which a subgraph can be had.
package enum DrawingFormat: String, Sendable, CaseIterable {
    /// A vector picture, safe to put into an HTML page.
    case svg
    /// A bitmap picture.
    case png
    /// Graphviz source, for other tools and for editing.
    case dot
    /// The subgraph itself, for programs.
    case json
}
