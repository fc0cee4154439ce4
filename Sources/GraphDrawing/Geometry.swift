/// A place on the page, in points; y grows upwards as in Graphviz.
struct Point: Sendable, Equatable {
    var x: Double
    var y: Double

    static func + (left: Point, right: Point) -> Point {
        Point(x: left.x + right.x, y: left.y + right.y)
    }
}

/// An upright rectangle given by its centre.
struct Box: Sendable, Equatable {
    var center: Point
    var width: Double
    var height: Double

    var left: Double { center.x - width / 2 }
    var right: Double { center.x + width / 2 }
    var bottom: Double { center.y - height / 2 }
    var top: Double { center.y + height / 2 }

    /// Whether two rectangles share area.
    func overlaps(_ other: Box) -> Bool {
        left < other.right && other.left < right && bottom < other.top && other.bottom < top
    }

    /// Whether a straight line between two points runs through the rectangle.
    func meetsSegment(from start: Point, to end: Point) -> Bool {
        // Liang-Barsky: the part of the segment inside each pair of parallel sides, intersected.
        var (enter, leave) = (0.0, 1.0)
        let sides = [(start.x, end.x, left, right), (start.y, end.y, bottom, top)]
        for (from, to, low, high) in sides {
            let delta = to - from
            if abs(delta) < 1e-9 {
                if from < low || from > high { return false }
                continue
            }
            let (first, second) = ((low - from) / delta, (high - from) / delta)
            enter = max(enter, min(first, second))
            leave = min(leave, max(first, second))
        }
        return enter <= leave
    }

    /// The smallest rectangle around all; nil for none.
    static func around(_ boxes: [Box]) -> Box? {
        guard let first = boxes.first else { return nil }
        var (left, right, bottom, top) = (first.left, first.right, first.bottom, first.top)
        for box in boxes {
            left = min(left, box.left)
            right = max(right, box.right)
            bottom = min(bottom, box.bottom)
            top = max(top, box.top)
        }
        return Box(
            center: Point(x: (left + right) / 2, y: (bottom + top) / 2), width: right - left,
            height: top - bottom)
    }
}
