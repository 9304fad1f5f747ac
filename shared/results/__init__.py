"""Results of ads (impressions, clicks, money, …) as exports have them: names of columns, numbers, and rows of both."""
