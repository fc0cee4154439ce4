/// Everything that a drawing shows, before anything has a place: symbols, lines and words.
///
/// All text in it is visible text (see ``DisplayText``) and all names are made here, never by
/// input.
struct Picture: Sendable, Equatable {
    /// A symbol for an entity or a folded group.
    struct Symbol: Sendable, Equatable {
        /// A name made of a letter and a number, unique in the picture.
        var name: String
        var shape: String
        /// The symbol's height in points; its width follows from the shape.
        var height: Double
        var severity: SeverityStyle
        /// Groups are drawn as outlines.
        var isGroup = false
        var isFocus = false
        /// A few characters inside the symbol.
        var mark = ""
        /// The lines under the symbol; empty where there is no room.
        var label: [String] = []
        var fontSize = 10.0
        var tooltip = ""
        var link: String?

        var width: Double { height * TypeShapes.aspect(of: shape) }
    }

    /// A line between two symbols.
    struct Line: Sendable, Equatable {
        var name: String
        /// Positions in `symbols`.
        var tail: Int
        var head: Int
        var isMutual = false
        var isAnomalous = false
        /// Lines into groups are dotted and have no direction.
        var leadsToGroup = false
        /// Thickness in points.
        var width = 0.9
        /// The arrow head's size as a multiple of Graphviz's own.
        var arrowSize = 0.5
        /// The words at the line; empty where it has none.
        ///
        /// Equal reasons are written at one line only.
        var label: [String] = []
        /// Words that give way where there is no room, as those of ordinary relationships do.
        var isLabelOptional = false
        var fontSize = 10.0
        var tooltip = ""
    }

    var symbols: [Symbol] = []
    var lines: [Line] = []
    var heading = Heading()
    var legend: [LegendEntry] = []
}

/// The words above the graph.
struct Heading: Sendable, Equatable {
    /// The severity's name in capitals, shown as a coloured mark; empty where there is none.
    var severityName = ""
    var severity = SeverityStyle.none
    var title = ""
    var reason = ""
    /// The anomaly's id, time and model.
    var details = ""
}

/// One row of the legend: a sample and what it means.
struct LegendEntry: Sendable, Equatable {
    enum Sample: Sendable, Equatable {
        case severity(SeverityStyle)
        case shape(String)
        case group
        case focus
        case anomalousLine
        case contextLine
        case none
    }

    /// The parts of the legend, set apart by a little room.
    enum Section: Sendable, Equatable { case findings, types, lines, remainders }

    var section: Section
    var sample: Sample
    var text: String
}
