/// Which shape stands for which entity type.
struct TypeShapes: Sendable {
    /// The shape of types that nobody gave one.
    static let fallback = "ellipse"

    /// The shapes of the shipped entity types.
    static let shipped: [String: String] = [
        "domain": "ellipse", "ip_address": "box", "email": "note", "phone": "cds",
        "social_handle": "tab", "person": "circle", "company": "house", "website": "folder",
        "service": "component", "location": "invhouse", "device": "box3d", "network": "hexagon",
        "vulnerability": "triangle", "threat_actor": "octagon", "malware": "diamond",
        "indicator": "invtriangle",
    ]

    /// Shapes that Graphviz draws at a fixed size and that load nothing.
    static let allowed: Set<String> = [
        "box", "box3d", "cds", "circle", "component", "cylinder", "diamond", "ellipse", "egg",
        "folder", "hexagon", "house", "invhouse", "invtrapezium", "invtriangle", "larrow",
        "lpromoter",
        "note", "octagon", "oval", "parallelogram", "pentagon", "polygon", "rarrow", "rect",
        "rectangle",
        "septagon", "square", "star", "tab", "trapezium", "triangle", "doublecircle",
        "doubleoctagon", "tripleoctagon", "signature",
    ]

    private let shapes: [String: String]

    /// The shipped shapes, overridden by those given; a shape that is not allowed is passed over.
    init(overrides: [String: String] = [:]) {
        shapes = Self.shipped.merging(overrides.filter { Self.allowed.contains($0.value) }) { $1 }
    }

    /// The shape for an entity type.
    func shape(of type: String) -> String { shapes[type] ?? Self.fallback }

    /// Width as a multiple of height, where a shape reads better when it is not square.
    static func aspect(of shape: String) -> Double {
        switch shape {
        case "ellipse", "oval", "egg", "cds", "larrow", "rarrow", "signature": 1.35
        case "box", "rect", "rectangle", "tab", "folder", "component", "box3d", "hexagon",
            "parallelogram", "trapezium", "invtrapezium":
            1.2
        default: 1
        }
    }
}
