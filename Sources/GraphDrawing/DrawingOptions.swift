/// Choices that a caller may make about a picture.
package struct DrawingOptions: Sendable, Equatable {
    /// The largest number of symbols that a picture holds.
    package static let nodeCountLimit = 500

    /// Graphviz shapes by entity type; they add to the shipped ones and override them.
    package var shapes: [String: String]
    /// The most symbols drawn (entities and folded groups together), at most ``nodeCountLimit``.
    package var nodeCountMax: Int
    /// A path put before an entity's key to make its link, such as `/entities/`; nil: no links.
    package var linkPrefix: String?

    /// Makes options; the defaults suit a stored picture.
    package init(
        shapes: [String: String] = [:], nodeCountMax: Int = DrawingOptions.nodeCountLimit,
        linkPrefix: String? = nil
    ) {
        self.shapes = shapes
        self.nodeCountMax = nodeCountMax
        self.linkPrefix = linkPrefix
    }
}
