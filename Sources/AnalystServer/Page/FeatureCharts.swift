import Foundation

/// What each feature contributed, and where its value stands among the peers.
enum FeatureCharts {
    /// The features that matter most.
    private static let shownCount = 8

    /// A feature of an explanation.
    struct Feature {
        var name: String
        var value: Double?
        /// How much it lengthens the path in the forest; negative makes the subject stranger.
        var contribution: Double
        var peerMedian: Double?
        var peerQuantile: Double?
        /// The peers' values at equal steps of their share; empty where they are not kept.
        var quantiles: [Double] = []
    }

    /// Those of an explanation that contributed most, the strongest first.
    static func strongest(of explanation: PageValue) -> [Feature] {
        let all = explanation["features"].elements.compactMap { item -> Feature? in
            guard let name = item["name"].string, let contribution = item["contribution"].double
            else { return nil }
            return Feature(
                name: name, value: item["value"].double, contribution: contribution,
                peerMedian: item["peer_median"].double, peerQuantile: item["peer_quantile"].double)
        }
        return Array(
            all.filter { $0.contribution != 0 }
                .sorted { (abs($0.contribution), $1.name) > (abs($1.contribution), $0.name) }
                .prefix(shownCount))
    }

    /// Bars: to the right what makes it stranger.
    static func contributions(_ features: [Feature]) -> String? {
        guard let largest = features.map({ abs($0.contribution) }).max(), largest > 0 else {
            return nil
        }
        let words = features.map {
            "\(PageText.words($0.name)) \($0.contribution < 0 ? "stranger" : "more usual") by "
                + PageText.number(abs($0.contribution))
        }
        var chart = ChartText(
            width: 640, label: "Contributions: " + words.joined(separator: "; "))
        let axis = 330.0
        for (row, feature) in features.enumerated() {
            let y = Double(row) * 24
            let length = abs(feature.contribution) / largest * 130
            let isStranger = feature.contribution < 0
            chart.text(PageText.words(feature.name), x: 0, y: y + 15)
            chart.rectangle(
                x: isStranger ? axis : axis - length, y: y + 4, width: length, height: 15,
                style: isStranger ? "more" : "less")
            chart.text(
                PageText.number(-feature.contribution), x: axis + (isStranger ? length + 4 : 4),
                y: y + 15, style: "faint")
            let value = feature.value.map(PageText.number) ?? "unknown"
            let median = feature.peerMedian.map { ", peers \(PageText.number($0))" } ?? ""
            chart.text(value + median, x: 640, y: y + 15, anchor: "end", style: "faint")
        }
        chart.line(
            from: (axis, 0), to: (axis, Double(features.count) * 24), style: "rule")
        return chart.svg
    }

    /// The peers' distribution of each feature with the subject's mark.
    static func peers(_ features: [Feature]) -> String? {
        let placed = features.filter { $0.value != nil && $0.peerQuantile != nil }
        guard !placed.isEmpty else { return nil }
        let words = placed.map {
            "\(PageText.words($0.name)): above \(share($0)) of the peers"
        }
        var chart = ChartText(width: 640, label: words.joined(separator: "; "))
        for (row, feature) in placed.enumerated() {
            draw(feature, top: Double(row) * 46, in: &chart)
        }
        return chart.svg
    }

    private static func share(_ feature: Feature) -> String {
        String(format: "%.1f %%", (feature.peerQuantile ?? 0) * 100)
    }

    private static let left = 190.0
    private static let span = 330.0
    private static let binCount = 66

    private static func draw(_ feature: Feature, top: Double, in chart: inout ChartText) {
        guard let value = feature.value else { return }
        chart.text(PageText.words(feature.name), x: 0, y: top + 24)
        chart.text(
            "above \(share(feature))", x: 640, y: top + 24, anchor: "end", style: "faint")
        chart.line(from: (left, top + 32), to: (left + span, top + 32), style: "rule")
        let scale = PeerScale(quantiles: feature.quantiles, own: value)
        if let scale {
            let masses = scale.masses(binCount: binCount)
            let largest = masses.max() ?? 1
            let width = span / Double(binCount)
            for (bin, mass) in masses.enumerated() where mass > 0 {
                // The root: a single bin with nearly all the peers leaves the others visible.
                let height = max(1, 26 * (mass / largest).squareRoot())
                chart.rectangle(
                    x: left + Double(bin) * width, y: top + 32 - height, width: width - 0.5,
                    height: height, style: "peers")
            }
            chart.text(PageText.number(scale.low), x: left, y: top + 42, style: "faint")
            chart.text(
                PageText.number(scale.high), x: left + span, y: top + 42, anchor: "end",
                style: "faint")
        } else {
            chart.text("0 %", x: left, y: top + 42, style: "faint")
            chart.text("100 %", x: left + span, y: top + 42, anchor: "end", style: "faint")
        }
        let place = left + span * (scale?.place(of: value) ?? feature.peerQuantile ?? 0)
        chart.line(from: (place, top + 4), to: (place, top + 34), style: "own")
        chart.rectangle(x: place - 3, y: top + 2, width: 6, height: 6, style: "own-mark")
    }
}

/// A scale from the least to the largest value of the peers and the subject.
///
/// Where values spread over several orders of magnitude it is logarithmic beyond the median.
private struct PeerScale {
    let low: Double
    let high: Double
    private let quantiles: [Double]
    private let unit: Double?

    /// Nil where there are too few values, or where all are the same.
    init?(quantiles: [Double], own: Double) {
        guard quantiles.count > 2, let first = quantiles.first, let last = quantiles.last else {
            return nil
        }
        low = min(first, own)
        high = max(last, own)
        guard high > low else { return nil }
        self.quantiles = quantiles
        let median = quantiles[quantiles.count / 2] - low
        let upper = quantiles[quantiles.count * 9 / 10] - low
        let typical = median > 0 ? median : upper
        unit = typical > 0 && (high - low) > 20 * typical ? typical : nil
    }

    /// Where a value stands, 0 to 1.
    func place(of value: Double) -> Double { stretched(value) / stretched(high) }

    private func stretched(_ value: Double) -> Double {
        guard let unit else { return value - low }
        return log1p((value - low) / unit)
    }

    /// The share of the peers in each of so many bins.
    func masses(binCount: Int) -> [Double] {
        var masses = [Double](repeating: 0, count: binCount)
        let mass = 1 / Double(quantiles.count - 1)
        for (lower, upper) in zip(quantiles, quantiles.dropFirst()) {
            let first = bin(lower, of: binCount)
            let last = bin(upper, of: binCount)
            for bin in first...max(first, last) {
                masses[bin] += mass / Double(max(first, last) - first + 1)
            }
        }
        return masses
    }

    private func bin(_ value: Double, of count: Int) -> Int {
        min(count - 1, max(0, Int(place(of: value) * Double(count))))
    }
}
