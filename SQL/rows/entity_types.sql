-- A type of that name or code that is there already stays as it is: somebody has added or changed it.
INSERT INTO vigil.entity_types (code, type, description, shape) VALUES
    (1, 'domain', 'A name in the DNS', 'ellipse'),
    (2, 'ip_address', 'An IPv4 or IPv6 address', 'box'),
    (3, 'email', 'An email address', 'note'),
    (4, 'phone', 'A telephone number', 'cds'),
    (5, 'social_handle', 'An account on a social network', 'septagon'),
    (6, 'person', 'A natural person', 'egg'),
    (7, 'company', 'A company or another organisation', 'house'),
    (8, 'website', 'A site or a page on the web', 'tab'),
    (9, 'service', 'A service that listens on a network', 'component'),
    (10, 'location', 'A place', 'invhouse'),
    (11, 'device', 'A machine or another piece of hardware', 'box3d'),
    (12, 'network', 'A range of addresses or an autonomous system', 'hexagon'),
    (13, 'vulnerability', 'A weakness that can be exploited', 'invtriangle'),
    (14, 'threat_actor', 'A person or group that attacks', 'octagon'),
    (15, 'malware', 'A piece of malicious software', 'doubleoctagon'),
    (16, 'indicator', 'A sign of compromise: a hash, a path, a pattern', 'diamond')
ON CONFLICT DO NOTHING;
