import AnomalyModels

/// Invents names from syllables; all of them harmless, none of them meant for anyone real.
enum NameForge {
    private static let openings = [
        "nor", "vel", "tar", "mar", "sil", "cor", "bel", "dra", "fen", "hal", "kir", "lun", "mon",
        "per", "quin", "ros", "ster", "thal", "ul", "ves", "wyn", "yar", "zan", "ald", "bry", "cal",
        "del", "er", "fal", "gor", "hel", "il", "jor", "kel", "lor", "mer",
    ]
    private static let middles = ["a", "e", "i", "o", "an", "en", "or", "ar", "il", "on", "u", "y"]
    private static let endings = [
        "dane", "vane", "wick", "mere", "ton", "lis", "dor", "nex", "tria", "vex", "via", "gard",
        "holm", "stad", "rix", "lan", "mont", "quay", "nor", "sund", "bra", "tis", "den", "mar",
    ]
    private static let givenOpenings = [
        "mi", "ta", "le", "jo", "ka", "sa", "ro", "ne", "vi", "da", "li", "ma", "ti", "el", "an",
        "be", "fe", "ga", "ha", "i", "no", "pe", "ra", "so", "u", "ya", "zo",
    ]
    private static let givenEndings = [
        "lena", "ran", "mira", "nas", "rik", "vin", "dora", "lio", "sha", "ton", "neth", "wen",
        "bela", "mon", "rada", "sil", "tara", "jan", "nika", "rus",
    ]
    private static let cityEndings = [
        "burg", "haven", "port", "bridge", "stead", "ford", "minster", "gate", "cliff", "field",
    ]
    private static let adjectives = [
        "Quiet", "Amber", "Hollow", "Paper", "Winter", "Silver", "Broken", "Velvet", "Copper",
        "Distant", "Gentle", "Iron", "Lazy", "Marble", "Northern", "Pale", "Rusty", "Salt",
    ]
    private static let objects = [
        "Lantern", "Anchor", "Bramble", "Compass", "Feather", "Harbor", "Kettle", "Ladder",
        "Meadow", "Needle", "Orchard", "Pebble", "Quarry", "Ribbon", "Thimble", "Umbrella",
    ]

    /// A word such as “velandane”.
    static func stem(_ random: inout SeededRandom) -> String {
        let middle = random.chance(0.6) ? random.pick(Self.middles) : ""
        return random.pick(Self.openings) + middle + random.pick(Self.endings)
    }

    /// A company of a sector, such as “Norvane Logistics”.
    static func company(_ sector: Sector, _ random: inout SeededRandom) -> String {
        stem(&random).capitalizedFirst + " " + random.pick(sector.companyWords)
    }

    /// A person, such as “Milena Tarovick”.
    static func person(_ random: inout SeededRandom) -> String {
        let given = random.pick(Self.givenOpenings) + random.pick(Self.givenEndings)
        return given.capitalizedFirst + " " + stem(&random).capitalizedFirst
    }

    /// A town, such as “Fenaport”.
    static func city(_ random: inout SeededRandom) -> String {
        (random.pick(Self.openings) + random.pick(Self.middles) + random.pick(Self.cityEndings))
            .capitalizedFirst
    }

    /// A threat actor or campaign, such as “Quiet Lantern”.
    static func codename(_ random: inout SeededRandom) -> String {
        random.pick(Self.adjectives) + " " + random.pick(Self.objects)
    }

    /// A malware family, such as “RustyKettle”.
    static func malware(_ random: inout SeededRandom) -> String {
        random.pick(Self.adjectives) + random.pick(Self.objects)
    }

    /// A suffix under which no domain can be registered (RFC 2606).
    static func suffix(_ random: inout SeededRandom) -> String {
        switch random.uniform() {
        case ..<0.55: "example"
        case ..<0.75: "test"
        case ..<0.80: "invalid"
        case ..<0.88: "example.com"
        case ..<0.95: "example.net"
        default: "example.org"
        }
    }

    /// A text for host names: lower case, blanks as hyphens.
    static func slug(_ name: String) -> String {
        String(name.lowercased().map { $0 == " " ? "-" : $0 })
    }

    /// Hexadecimal digits, as in a file's digest.
    static func hexadecimal(_ digitCount: Int, _ random: inout SeededRandom) -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<digitCount).map { _ in random.pick(digits) })
    }
}

extension String {
    var capitalizedFirst: String {
        prefix(1).uppercased() + dropFirst()
    }
}
