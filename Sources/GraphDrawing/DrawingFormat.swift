/// The forms in which a subgraph can be had.
package enum DrawingFormat: String, Sendable, CaseIterable {
    /// A vector picture, safe to put into an HTML page.
    case svg
    /// A bitmap picture.
    case png
    /// A page for printing.
    case pdf
    /// Graphviz source, for other tools and for editing.
    case dot
    /// A Mermaid flowchart, for Markdown.
    case mermaid
    /// The whole subgraph as GraphML, for Gephi, yEd, NetworkX and others.
    case graphml
    /// The subgraph itself, for programs.
    case json
}
