/// Moves rectangles apart until none overlap, keeping their arrangement.
///
/// Overlapping pairs are pushed apart along the axis that needs the smaller move, sweep after
/// sweep. Graphviz's own `prism` gives as good pictures, but takes about 130 ms for 500 symbols
/// where this takes a few.
enum OverlapRemoval {
    /// The least room between two rectangles, in points.
    static let gap = 5.0
    private static let sweepCountMax = 300

    /// The rectangles moved apart.
    static func separated(_ boxes: [Box]) -> [Box] {
        guard boxes.count > 1 else { return boxes }
        var moved = boxes
        while !sweep(&moved) {
            for index in moved.indices {
                moved[index].center.x *= 1.15
                moved[index].center.y *= 1.15
            }
        }
        return moved
    }

    /// The arrangement stretched or shrunk so that its rectangles cover `share` of the page.
    static func scaled(_ boxes: [Box], share: Double) -> [Box] {
        let centers = boxes.map { Box(center: $0.center, width: 0, height: 0) }
        guard let frame = Box.around(centers) else { return boxes }
        let covered = boxes.reduce(0) { $0 + ($1.width + gap) * ($1.height + gap) }
        // A line of symbols, lying or standing, has a page of a third of its length.
        let area =
            max(frame.width, frame.height / 3, 1) * max(frame.height, frame.width / 3, 1)
        let factor = (covered / share / area).squareRoot()
        return boxes.map { box in
            var box = box
            box.center.x = (box.center.x - frame.center.x) * factor
            box.center.y = (box.center.y - frame.center.y) * factor
            return box
        }
    }

    /// Pushes pairs apart until a sweep finds none; false where the sweeps run out.
    private static func sweep(_ boxes: inout [Box]) -> Bool {
        for _ in 0..<sweepCountMax {
            let order = boxes.indices.sorted {
                boxes[$0].left != boxes[$1].left ? boxes[$0].left < boxes[$1].left : $0 < $1
            }
            var isClean = true
            for (place, first) in order.enumerated() {
                for second in order[(place + 1)...] {
                    if boxes[second].left > boxes[first].right + gap + 1 { break }
                    if push(&boxes, first, second) { isClean = false }
                }
            }
            if isClean { return true }
        }
        return false
    }

    /// Parts two rectangles that are closer than the gap; says whether they were.
    private static func push(_ boxes: inout [Box], _ first: Int, _ second: Int) -> Bool {
        let (a, b) = (boxes[first], boxes[second])
        let overX = (a.width + b.width) / 2 + gap - abs(a.center.x - b.center.x)
        let overY = (a.height + b.height) / 2 + gap - abs(a.center.y - b.center.y)
        guard overX > 0.01, overY > 0.01 else { return false }
        // Equal centres part by position in the list, so that the result does not depend on chance.
        if overX < overY {
            let isLeft = a.center.x != b.center.x ? a.center.x < b.center.x : first < second
            let step = (isLeft ? 1 : -1) * (overX / 2 + 0.05)
            boxes[first].center.x -= step
            boxes[second].center.x += step
        } else {
            let isBelow = a.center.y != b.center.y ? a.center.y < b.center.y : first < second
            let step = (isBelow ? 1 : -1) * (overY / 2 + 0.05)
            boxes[first].center.y -= step
            boxes[second].center.y += step
        }
        return true
    }
}
