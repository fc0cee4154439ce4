/// Nodes with a place that carry words or decoration rather than an entity.
enum PlacedNode {
    /// A position attribute.
    static func position(_ point: Point) -> String {
        "\(DOTNumber.text(point.x)),\(DOTNumber.text(point.y))"
    }

    /// Words in a rectangle, left-justified unless they stand on a plate.
    static func text(
        name: String, box: Box, lines: [String], fontSize: Double, color: String,
        isBold: Bool = false, plate: String? = nil
    ) -> String {
        var attributes = rectangle(box)
        attributes.set("penwidth", 0)
        if let plate {
            attributes.set("style", "filled")
            attributes.set("fillcolor", plate)
        }
        attributes.set("fontname", isBold ? DrawingColors.boldFont : DrawingColors.font)
        attributes.set("fontsize", fontSize)
        attributes.set("fontcolor", color)
        attributes.set(
            "label", quoted: DOTText.label(lines, justification: plate == nil ? .left : .center))
        return "\(name) \(attributes.source);\n"
    }

    /// An empty frame.
    static func frame(name: String, box: Box, color: String, fill: String? = nil) -> String {
        var attributes = rectangle(box)
        attributes.set("color", color)
        attributes.set("penwidth", 0.8)
        if let fill {
            attributes.set("style", "filled")
            attributes.set("fillcolor", fill)
        }
        return "\(name) \(attributes.source);\n"
    }

    /// A ring around the focus.
    static func halo(
        name: String, center: Point, diameter: Double, width: Double = 2.2
    ) -> String {
        var attributes = DOTAttributes()
        attributes.set("shape", "circle")
        attributes.set("pos", position(center))
        attributes.set("width", diameter / 72)
        attributes.set("height", diameter / 72)
        attributes.set("color", DrawingColors.focus)
        attributes.set("penwidth", width)
        return "\(name) \(attributes.source);\n"
    }

    private static func rectangle(_ box: Box) -> DOTAttributes {
        var attributes = DOTAttributes()
        attributes.set("shape", "box")
        attributes.set("pos", position(box.center))
        attributes.set("width", box.width / 72)
        attributes.set("height", box.height / 72)
        return attributes
    }
}
