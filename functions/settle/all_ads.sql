-- Each of the ads as it stands, to be kept in the place of all that led to it.
SELECT *
FROM standing_ads
