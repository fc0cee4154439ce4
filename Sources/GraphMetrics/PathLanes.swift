/// The numbers of several searches at one node, side by side in a vector.
///
/// The operations of the search over them, so that it is written once for both precisions.
protocol PathLanes: BitwiseCopyable, Sendable {
    /// A bit for each lane.
    associatedtype Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable

    static var zero: Self { get }
    /// Path counts above this are scaled down, to stay within the range of the numbers.
    static var countMax: Double { get }
    /// What they are multiplied by, a power of two; nil where there is no room for it.
    static var rescaling: Double? { get }

    init(repeating value: Double)
    /// Adds lane by lane.
    static func += (left: inout Self, right: Self)
    static func * (left: Self, right: Self) -> Self
    static func / (left: Self, right: Self) -> Self
    static func + (left: Self, right: Self) -> Self
    /// The lanes of `bits`; 0 in the others.
    func masked(_ bits: Bits) -> Self
    /// The lanes of `bits` from `other`, the others from here.
    func replacing(_ bits: Bits, with other: Self) -> Self
    /// The sum of the products of the lanes.
    func sumOfProducts(_ other: Self) -> Double
    subscript(lane: Int) -> Double { get set }
}

/// Eight searches in double precision.
struct DoubleLanes: PathLanes {
    typealias Bits = UInt8
    private var values: SIMD8<Double>

    static let zero = DoubleLanes(values: .zero)
    static let countMax = 0x1p900
    static let rescaling: Double? = 0x1p-900

    @inline(__always) private init(values: SIMD8<Double>) { self.values = values }
    @inline(__always) init(repeating value: Double) { values = .init(repeating: value) }

    @inline(__always) static func += (left: inout Self, right: Self) {
        left.values = left.values + right.values
    }
    @inline(__always) static func * (left: Self, right: Self) -> Self {
        Self(values: left.values * right.values)
    }
    @inline(__always) static func / (left: Self, right: Self) -> Self {
        Self(values: left.values / right.values)
    }
    @inline(__always) static func + (left: Self, right: Self) -> Self {
        Self(values: left.values + right.values)
    }
    @inline(__always) private static func mask(_ bits: UInt8) -> SIMD8<UInt64> {
        let one = SIMD8<UInt64>(1, 2, 4, 8, 16, 32, 64, 128)
        let chosen = SIMD8<UInt64>(repeating: UInt64(bits)) & one
        return 0 &- (chosen &>> SIMD8<UInt64>(0, 1, 2, 3, 4, 5, 6, 7))
    }
    @inline(__always) func masked(_ bits: UInt8) -> Self {
        let pattern = unsafeBitCast(values, to: SIMD8<UInt64>.self) & Self.mask(bits)
        return Self(values: unsafeBitCast(pattern, to: SIMD8<Double>.self))
    }
    @inline(__always) func replacing(_ bits: UInt8, with other: Self) -> Self {
        let mask = Self.mask(bits)
        let pattern =
            (unsafeBitCast(values, to: SIMD8<UInt64>.self) & ~mask)
            | (unsafeBitCast(other.values, to: SIMD8<UInt64>.self) & mask)
        return Self(values: unsafeBitCast(pattern, to: SIMD8<Double>.self))
    }
    @inline(__always) func sumOfProducts(_ other: Self) -> Double { (values * other.values).sum() }
    subscript(lane: Int) -> Double {
        @inline(__always) get { values[lane] }
        @inline(__always) set { values[lane] = newValue }
    }
}

/// Sixteen searches in single precision.
struct FloatLanes: PathLanes {
    typealias Bits = UInt16
    private var values: SIMD16<Float>

    static let zero = FloatLanes(values: .zero)
    static let countMax = 0x1p100
    static let rescaling: Double? = nil

    @inline(__always) private init(values: SIMD16<Float>) { self.values = values }
    @inline(__always) init(repeating value: Double) { values = .init(repeating: Float(value)) }

    @inline(__always) static func += (left: inout Self, right: Self) {
        left.values = left.values + right.values
    }
    @inline(__always) static func * (left: Self, right: Self) -> Self {
        Self(values: left.values * right.values)
    }
    @inline(__always) static func / (left: Self, right: Self) -> Self {
        Self(values: left.values / right.values)
    }
    @inline(__always) static func + (left: Self, right: Self) -> Self {
        Self(values: left.values + right.values)
    }
    @inline(__always) private static func mask(_ bits: UInt16) -> SIMD16<UInt32> {
        let one = SIMD16<UInt32>(
            1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
        let chosen = SIMD16<UInt32>(repeating: UInt32(bits)) & one
        return 0
            &- (chosen &>> SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
    }
    @inline(__always) func masked(_ bits: UInt16) -> Self {
        let pattern = unsafeBitCast(values, to: SIMD16<UInt32>.self) & Self.mask(bits)
        return Self(values: unsafeBitCast(pattern, to: SIMD16<Float>.self))
    }
    @inline(__always) func replacing(_ bits: UInt16, with other: Self) -> Self {
        let mask = Self.mask(bits)
        let pattern =
            (unsafeBitCast(values, to: SIMD16<UInt32>.self) & ~mask)
            | (unsafeBitCast(other.values, to: SIMD16<UInt32>.self) & mask)
        return Self(values: unsafeBitCast(pattern, to: SIMD16<Float>.self))
    }
    @inline(__always) func sumOfProducts(_ other: Self) -> Double {
        Double((values * other.values).sum())
    }
    subscript(lane: Int) -> Double {
        @inline(__always) get { Double(values[lane]) }
        @inline(__always) set { values[lane] = Float(newValue) }
    }
}
