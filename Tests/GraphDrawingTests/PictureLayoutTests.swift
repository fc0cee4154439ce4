import Testing

@testable import GraphDrawing

@Suite("Layout")
struct PictureLayoutTests {
    @Test("No two symbols or labels overlap", arguments: [1, 2, 5, 30, 50, 120, 500, 1500])
    func overlaps(nodeCount: Int) async throws {
        let picture = PictureComposer(Samples.web(nodeCount: nodeCount), options: DrawingOptions())
            .picture()
        let layout = try await PictureLayout(picture, renderer: .shared)
        var boxes = picture.symbols.indices.map { index in
            let symbol = picture.symbols[index]
            return Box(center: layout.symbols[index], width: symbol.width, height: symbol.height)
        }
        boxes += layout.labels.values
        boxes += layout.plates.values
        #expect(layout.plates.values.count > 0 || nodeCount < 3)
        var overlapCount = 0
        for first in boxes.indices {
            for second in boxes.indices where first < second && boxes[first].overlaps(boxes[second])
            {
                overlapCount += 1
            }
        }
        #expect(overlapCount == 0)
        #expect(boxes.allSatisfy { $0.left >= layout.frame.left - 0.01 })
        #expect(boxes.allSatisfy { $0.right <= layout.frame.right + 0.01 })
    }

    @Test("Two symbols lie as near to each other below each other as side by side")
    func pairs() {
        func length(_ second: Point) -> Double {
            let boxes = [Point(x: 0, y: 0), second].map {
                Box(center: $0, width: 40, height: 40)
            }
            let scaled = OverlapRemoval.scaled(boxes, share: 0.2)
            let apart = (
                x: scaled[1].center.x - scaled[0].center.x,
                y: scaled[1].center.y - scaled[0].center.y
            )
            return (apart.x * apart.x + apart.y * apart.y).squareRoot()
        }
        #expect(length(Point(x: 0, y: 70)) == length(Point(x: 70, y: 0)))
        #expect(length(Point(x: 0, y: 70)) < 400)
    }

    @Test("Rectangles on one spot part, the same way each time")
    func coincident() {
        let boxes = Array(
            repeating: Box(center: Point(x: 0, y: 0), width: 20, height: 10), count: 40)
        let first = OverlapRemoval.separated(boxes)
        #expect(first == OverlapRemoval.separated(boxes))
        for (index, box) in first.enumerated() {
            #expect(!first.dropFirst(index + 1).contains { $0.overlaps(box) })
        }
    }

    @Test(
        "A line meets a rectangle exactly when it runs through it",
        arguments: [
            (Point(x: -5, y: 0), Point(x: 5, y: 0), true),
            (Point(x: -5, y: 3), Point(x: 5, y: 3), false),
            (Point(x: 0, y: 0), Point(x: 0.5, y: 0.5), true),
            (Point(x: 2, y: -5), Point(x: 2, y: 5), false),
            (Point(x: -3, y: 0), Point(x: 0, y: 3.5), false),
        ])
    func segments(start: Point, end: Point, meets: Bool) {
        let box = Box(center: Point(x: 0, y: 0), width: 2, height: 2)
        #expect(box.meetsSegment(from: start, to: end) == meets)
    }
}
