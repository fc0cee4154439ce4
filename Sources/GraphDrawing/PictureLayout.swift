/// Gives a picture's symbols and words their places.
struct PictureLayout: Sendable, Equatable {
    /// Centres of the symbols, in the picture's order.
    private(set) var symbols: [Point] = []
    /// Plates with the symbols' labels, by position; absent for symbols without a label.
    private(set) var labels: [Int: Box] = [:]
    /// Plates with the lines' labels, by position.
    private(set) var plates: [Int: Box] = [:]
    /// The rectangle around all of these.
    private(set) var frame = Box(center: Point(x: 0, y: 0), width: 0, height: 0)

    /// Asks an engine for an arrangement and moves everything apart that would overlap.
    init(_ picture: Picture, renderer: GraphvizRenderer) async throws(DrawingError) {
        var boxes = picture.symbols.map { Footprint($0).box }
        let engine = LayoutSource.engine(symbolCount: boxes.count)
        let source = LayoutSource(picture, boxes: boxes, engine: engine).text
        let positions = try await renderer.positions(in: source, engine: engine)
        for index in boxes.indices {
            boxes[index].center = positions["b\(index)"] ?? Point(x: Double(index), y: 0)
        }
        boxes = OverlapRemoval.scaled(boxes, share: Self.share(picture))
        boxes = OverlapRemoval.separated(boxes)
        place(picture, boxes)
    }

    /// The part of the page that symbols and names cover: small pictures need air for their lines.
    private static func share(_ picture: Picture) -> Double {
        picture.symbols.count <= 30 ? 0.2 : picture.symbols.count <= 60 ? 0.26 : 0.34
    }

    private mutating func place(_ picture: Picture, _ arranged: [Box]) {
        // Reasons push symbols aside; optional words only take what room is left.
        var spots = LabelSpots(picture, boxes: arranged)
        let reasons = spots.reasons()
        let boxes = OverlapRemoval.separated(arranged + reasons.map(\.box))
        for (place, reason) in reasons.enumerated() {
            plates[reason.line] = boxes[arranged.count + place]
        }
        spots = LabelSpots(picture, boxes: boxes)
        for spot in spots.optionalWords() { plates[spot.line] = spot.box }
        for (index, symbol) in picture.symbols.enumerated() {
            let footprint = Footprint(symbol)
            symbols.append(footprint.symbolCenter(in: boxes[index]))
            labels[index] = footprint.label(in: boxes[index])
        }
        frame = Box.around(boxes + plates.values) ?? frame
    }
}
