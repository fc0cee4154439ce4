/// The colours that do not depend on severity: calm greys, one accent for the focus, one for the
/// evidence.
enum DrawingColors {
    static let background = "#FFFFFF"
    static let text = "#1F2933"
    static let faintText = "#52606D"
    static let contextLine = "#B4BEC8"
    static let groupBorder = "#6B7885"
    static let frame = "#D5DBE1"
    /// Okabe-Ito blue, which the severity ramp does not use.
    static let focus = "#0072B2"
    /// Okabe-Ito vermillion, darkened for contrast on white.
    static let anomalousLine = "#C04A00"
    static let anomalousText = "#8A3400"
    /// White that lets lines behind a label shine through a little.
    static let plate = "#FFFFFFD8"

    /// White that dims the lines behind a symbol's name without breaking them.
    static let thinPlate = "#FFFFFFB8"

    /// The family that Debian ships in fonts-dejavu-core.
    static let font = "DejaVu Sans"
    static let boldFont = "DejaVu Sans Bold"
}
