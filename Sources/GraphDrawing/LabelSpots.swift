/// Finds room on lines for the words that belong to them.
struct LabelSpots {
    /// Lines tried for one reason; evidence can be hundreds of lines that all say the same.
    private static let candidateCountMax = 24

    private let picture: Picture
    /// The rectangles of the symbols, then of words already placed.
    private var boxes: [Box]

    init(_ picture: Picture, boxes: [Box]) {
        self.picture = picture
        self.boxes = boxes
    }

    /// A plate for each distinct reason, where it is free and crosses the fewest other lines.
    func reasons() -> [(line: Int, box: Box)] {
        var order: [[String]] = []
        var candidates: [[String]: [Int]] = [:]
        for (index, line) in picture.lines.enumerated()
        where !line.label.isEmpty && !line.isLabelOptional {
            if candidates[line.label] == nil { order.append(line.label) }
            candidates[line.label, default: []].append(index)
        }
        var taken: [Box] = []
        return order.compactMap { label in
            let lines = (candidates[label] ?? []).prefix(Self.candidateCountMax)
            let ranked = lines.flatMap { line in
                spots(of: line).map { box in
                    let isFree = isFree(box) && !taken.contains { $0.overlaps(box) }
                    let cost = (isFree ? 0 : 1000) + crossingCount(box, except: line)
                    return (line: line, box: box, cost: cost)
                }
            }
            guard let best = ranked.min(by: { $0.cost < $1.cost }) else { return nil }
            taken.append(best.box)
            return (best.line, best.box)
        }
    }

    /// Plates for the words that fit without touching anything.
    mutating func optionalWords() -> [(line: Int, box: Box)] {
        var found: [(line: Int, box: Box)] = []
        for index in picture.lines.indices where picture.lines[index].isLabelOptional {
            guard let spot = spots(of: index).first(where: isFree) else { continue }
            boxes.append(spot)
            found.append((index, spot))
        }
        return found
    }

    /// Plates on the straight line between two symbols, the middle first.
    private func spots(of index: Int) -> [Box] {
        let line = picture.lines[index]
        guard let size = Footprint.size(of: line.label, fontSize: line.fontSize, isBold: false)
        else { return [] }
        let (tail, head) = (boxes[line.tail].center, boxes[line.head].center)
        return [0.5, 0.42, 0.58, 0.34, 0.66].map { part in
            let x = tail.x + (head.x - tail.x) * part
            let y = tail.y + (head.y - tail.y) * part
            return Box(center: Point(x: x, y: y), width: size.width, height: size.height)
        }
    }

    private func isFree(_ spot: Box) -> Bool { !boxes.contains { $0.overlaps(spot) } }

    private func crossingCount(_ spot: Box, except index: Int) -> Int {
        picture.lines.indices.count { other in
            let line = picture.lines[other]
            return other != index
                && spot.meetsSegment(from: boxes[line.tail].center, to: boxes[line.head].center)
        }
    }
}
