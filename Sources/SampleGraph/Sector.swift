/// The communities of the world: business sectors, and those who attack them.
package enum Sector: String, CaseIterable, Sendable {
    case logistics, energy, health, finance, retail, telecom, media, education
    case manufacturing, travel, agriculture, underground

    /// The sectors of honest business.
    package static let business = allCases.filter { $0 != .underground }

    /// The sector's position among all.
    var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Words that end the names of its companies.
    var companyWords: [String] {
        switch self {
        case .logistics: ["Logistics", "Freight", "Cargo", "Shipping", "Parcel"]
        case .energy: ["Energy", "Power", "Grid", "Solar", "Hydro"]
        case .health: ["Health", "Clinic", "Pharma", "Diagnostics", "Care"]
        case .finance: ["Bank", "Capital", "Savings", "Payments", "Insurance"]
        case .retail: ["Stores", "Outfitters", "Market", "Goods", "Fashion"]
        case .telecom: ["Telecom", "Mobile", "Networks", "Fibre", "Wireless"]
        case .media: ["Media", "Press", "Studios", "Broadcasting", "Publishing"]
        case .education: ["College", "Academy", "Institute", "Learning", "Library"]
        case .manufacturing: ["Works", "Steel", "Machines", "Motors", "Plastics"]
        case .travel: ["Travel", "Airways", "Hotels", "Cruises", "Rail"]
        case .agriculture: ["Farms", "Grain", "Dairy", "Seeds", "Orchards"]
        case .underground: ["Holdings", "Trading", "Services", "Ventures", "Consult"]
        }
    }

    /// Finer words that its entities are tagged with beside the sector.
    var tags: [String] {
        switch self {
        case .logistics: ["supply-chain", "ports", "customs"]
        case .energy: ["critical-infrastructure", "scada", "utilities"]
        case .health: ["hospital", "patient-data", "research"]
        case .finance: ["banking", "payments", "pci"]
        case .retail: ["e-commerce", "loyalty", "point-of-sale"]
        case .telecom: ["critical-infrastructure", "backbone", "roaming"]
        case .media: ["news", "streaming", "press"]
        case .education: ["campus", "research", "library"]
        case .manufacturing: ["industrial", "scada", "supply-chain"]
        case .travel: ["booking", "aviation", "loyalty"]
        case .agriculture: ["food", "supply-chain", "machinery"]
        case .underground: ["threat", "suspicious", "tracked"]
        }
    }

    /// How large the sector is beside the others.
    var share: Double {
        switch self {
        case .finance, .retail: 1.6
        case .manufacturing, .health: 1.3
        case .logistics, .telecom, .energy: 1.0
        case .media, .travel, .education: 0.8
        case .agriculture: 0.5
        case .underground: 0
        }
    }

    /// The region where most of it is at home; two or three sectors share one.
    var region: Region {
        Region.allCases[(number * 5) % Region.allCases.count]
    }
}

/// Invented parts of the world, each with its own time of day.
package enum Region: String, CaseIterable, Sendable {
    case northmark = "Northmark"
    case westreach = "Westreach"
    case southfen = "Southfen"
    case eastvale = "Eastvale"
    case highmoor = "Highmoor"
    case lowland = "Lowland"

    /// Seconds that its clocks are ahead of UTC.
    var secondsFromUTC: Double {
        switch self {
        case .northmark, .lowland: 3600
        case .westreach: -5 * 3600
        case .southfen: 2 * 3600
        case .eastvale: 8 * 3600
        case .highmoor: 5.5 * 3600
        }
    }
}
