-- What each subscription has waiting: how many, how many of them failed before, the most failures, the oldest message.
SELECT counted.subscription, counted.outstanding, counted.retried, counted.most_failures, messages.published_ms
FROM (
    SELECT
        subscription,
        COUNT(*) AS outstanding,
        SUM(failures > 0) AS retried,
        MAX(failures) AS most_failures,
        MIN(message) AS oldest
    FROM deliveries
    GROUP BY subscription
) AS counted
JOIN messages ON messages.id = counted.oldest
