-- A type of that name or code that is there already stays as it is: somebody has added or changed it.
INSERT INTO vigil.relationship_types (code, type, description) VALUES
    (1, 'resolves_to', 'The name resolves to the address'),
    (2, 'hosted_on', 'The source is hosted on the target'),
    (3, 'connected_to', 'There is a connection between both'),
    (4, 'communicates_with', 'The source sends to the target: traffic, a call, a message, a payment'),
    (5, 'owns', 'The source owns the target'),
    (6, 'manages', 'The source manages the target'),
    (7, 'works_for', 'The source works for the target'),
    (8, 'friend_of', 'Both are acquainted'),
    (9, 'follows', 'The source follows the target'),
    (10, 'depends_on', 'The source cannot work without the target'),
    (11, 'vulnerable_to', 'The source has the weakness'),
    (12, 'uses', 'The source uses the target'),
    (13, 'runs', 'The source runs the target'),
    (14, 'contains', 'The target is inside the source'),
    (15, 'similar_to', 'Both resemble each other'),
    (16, 'part_of', 'The source is a part of the target'),
    (17, 'related_to', 'Both have to do with each other'),
    (18, 'same_as', 'Both are the same thing'),
    (19, 'references', 'The source mentions or links to the target'),
    (20, 'attributed_to', 'The source is the work of the target'),
    (21, 'threatens', 'The source is a danger to the target'),
    (22, 'targets', 'The source attacks the target'),
    (23, 'campaign', 'Both belong to one campaign'),
    (24, 'indicator_of', 'The source is a sign of the target'),
    (25, 'located_in', 'The source is in the place'),
    (26, 'registered_by', 'The source was registered by the target'),
    (27, 'created_by', 'The source was made by the target'),
    (28, 'analyzed_by', 'The source was examined by the target'),
    (29, 'pays', 'The source pays the target; the weight is the amount')
ON CONFLICT DO NOTHING;

INSERT INTO vigil.relationship_types (code, type, description, is_rating) VALUES
    (30, 'rates', 'The source rates the target; the weight is the rating, below 0 for distrust', true)
ON CONFLICT DO NOTHING;
