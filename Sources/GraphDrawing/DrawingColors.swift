/// The colours that do not depend on severity: calm greys, one accent for the focus, one for the evidence.
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

    /// A family that Debian ships (fonts-dejavu-core), then ones with about the same widths.
    static let fonts = "DejaVu Sans,Verdana,sans-serif"
    static let boldFonts = "DejaVu Sans Bold,Verdana Bold,sans-serif"
}
