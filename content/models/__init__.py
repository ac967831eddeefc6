from content.models.blog import ArticlePage, ArticleTag, BlogIndexPage
from content.models.home import HomePage
from content.models.public_page import PublicPage
from content.models.standard_page import StandardPage

__all__ = ["ArticlePage", "ArticleTag", "BlogIndexPage", "HomePage", "PublicPage", "StandardPage"]
